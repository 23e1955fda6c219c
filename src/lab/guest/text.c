/* Text and numbers, and the command line. */
#include "guest.h"

int text_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

uint32_t text_number(const char *digits)
{
    uint32_t number = 0;
    while (*digits >= '0' && *digits <= '9')
        number = number * 10 + (uint32_t)(*digits++ - '0');
    return number;
}

char *text_append(char *end, const char *text)
{
    while (*text)
        *end++ = *text++;
    *end = 0;
    return end;
}

char *text_append_number(char *end, uint32_t number)
{
    char digits[11];
    int at = 10;

    digits[at] = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    return text_append(end, digits + at);
}

/* If `word` is `key=value`, its value. */
static const char *value_of(const char *word, const char *key)
{
    while (*key && *word == *key)
        word++, key++;
    return *key == 0 && *word == '=' ? word + 1 : 0;
}

static void name_set(struct orders *orders, const char *value)
{
    unsigned length = 0;
    while (value[length] > ' ' && length < sizeof orders->name - 1) {
        orders->name[length] = value[length];
        length++;
    }
    orders->name[length] = 0;
}

void orders_read(struct orders *orders, const char *line)
{
    const char *value;

    while (*line) {
        if ((value = value_of(line, "name")))
            name_set(orders, value);
        else if ((value = value_of(line, "memory")))
            orders->memory = text_number(value);
        else if ((value = value_of(line, "rate")))
            orders->rate = text_number(value);
        else if ((value = value_of(line, "touch")))
            orders->touch = text_number(value);
        else if ((value = value_of(line, "off")))
            orders->off = text_number(value);
        while (*line > ' ')
            line++;
        while (*line && *line <= ' ')
            line++;
    }
}
