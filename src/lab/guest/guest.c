/* The practice guest: counts one heartbeat a second, on the console and on the first serial port, and between
 * heartbeats sleeps or rewrites memory as its command line says:
 *
 *     name=busy memory=48 rate=40 touch=16 off=0
 *
 * The count lives in memory alone. A guest that restarts begins at 0 again; one that was migrated goes on. */
#include "guest.h"

#define BLOCK_SIZE (64u * 1024u)
#define BACKLOG_TICKS 10u /* of rewriting are made up for after a pause, no more */
#define FILL_BLOCKS 16u   /* of the data to hold are written in one go: 1 MiB, some milliseconds */

struct multiboot {
    uint32_t flags, memory_lower, memory_upper, boot_device;
    const char *command_line;
};

extern char image_end[];

static struct orders orders;
static uint32_t heartbeat;
static uint8_t *filled_from;    /* data held: filled once */
static uint8_t *rewritten_from; /* data rewritten in a loop */
static uint32_t filled, position;
static uint32_t rewritten_blocks;
static uint32_t seed = 2463534242u;

/* Numbers that do not compress: a linear congruential generator, the cheapest there is. */
static void block_write(uint8_t *block)
{
    uint32_t value = seed;

    for (uint32_t *word = (uint32_t *)block; word < (uint32_t *)(block + BLOCK_SIZE); word += 4) {
        word[0] = value;
        word[1] = value = value * 1664525u + 1013904223u;
        word[2] = value ^ 0x5DEECE66u;
        word[3] = value = value * 1664525u + 1013904223u;
    }
    seed = value ^ (uint32_t)block ^ ticks;
}

static void pulse(void)
{
    char text[80], *end;

    end = text_append(text, "heartbeat ");
    end = text_append(end, orders.name);
    end = text_append(end, " ");
    end = text_append_number(end, heartbeat);
    text_append(end, "\r\n");
    serial_write(text);
    screen_heartbeat(heartbeat);
    screen_work(&orders, filled / MIB, rewritten_blocks / (MIB / BLOCK_SIZE));
}

static void leave(void)
{
    screen_message("Powering off.");
    serial_write("power off\r\n");
    power_off();
}

static void command_run(const char *line)
{
    if (text_equal(line, "off"))
        leave();
    else if (text_equal(line, "reset"))
        reset();
    else if (line[0] == 'r' && line[1] == 'a' && line[2] == 't' && line[3] == 'e' && line[4] == ' ')
        orders.rate = text_number(line + 5);
}

static void typed(int character)
{
    static char line[40];
    static unsigned length;

    if (character == '\b' && length) {
        line[--length] = 0;
    } else if (character == '\n' || character == '\r') {
        command_run(line);
        line[length = 0] = 0;
    } else if (character >= ' ' && character < 127 && length < sizeof line - 1) {
        line[length++] = (char)character;
        line[length] = 0;
    }
    screen_typed(line);
}

/* Everything that happens at most once a tick. */
static void look_around(void)
{
    static uint32_t next = TICKS_PER_SECOND;
    int character;

    if (power_button_pressed())
        leave();
    if ((character = serial_read()) >= 0)
        typed(character);
    if ((character = keyboard_read()) >= 0)
        typed(character);
    if ((int32_t)(ticks - next) < 0)
        return;
    next = ticks + TICKS_PER_SECOND;
    heartbeat++;
    pulse();
    if (orders.off && heartbeat >= orders.off)
        leave();
}

static void memory_plan(uint32_t upper_kib)
{
    uint32_t begin = ((uint32_t)image_end + MIB - 1) / MIB * MIB;
    uint32_t room = (upper_kib / 1024 + 1) - begin / MIB;

    if (orders.memory > room)
        orders.memory = room;
    if (orders.touch > room - orders.memory)
        orders.touch = room - orders.memory;
    rewritten_from = (uint8_t *)begin;
    filled_from = rewritten_from + orders.memory * MIB;
}

static void fill_some(void)
{
    for (uint32_t block = 0; block < FILL_BLOCKS; block++, filled += BLOCK_SIZE)
        block_write(filled_from + filled);
}

/* Rewrites what the rate allows since the last call. */
static void rewrite_some(uint32_t passed)
{
    static uint32_t owed; /* KiB · ticks per second */

    if (passed > BACKLOG_TICKS)
        passed = BACKLOG_TICKS;
    owed += passed * orders.rate * 1024u;
    for (; owed >= BLOCK_SIZE / 1024u * TICKS_PER_SECOND; owed -= BLOCK_SIZE / 1024u * TICKS_PER_SECOND) {
        block_write(rewritten_from + position);
        position = position + BLOCK_SIZE < orders.memory * MIB ? position + BLOCK_SIZE : 0;
        rewritten_blocks++;
    }
}

void guest_main(const struct multiboot *multiboot)
{
    uint32_t seen = 0;

    text_append(orders.name, "guest");
    if (multiboot->flags & 4)
        orders_read(&orders, multiboot->command_line);
    memory_plan(multiboot->memory_upper);
    hardware_start();
    screen_start(&orders, multiboot->memory_upper / 1024 + 2); /* the first MiB, and what the firmware keeps */
    screen_typed("");
    pulse();
    for (;;) {
        uint32_t now = ticks;

        if (now != seen)
            look_around();
        if (orders.rate && orders.memory)
            rewrite_some(now - seen);
        if (filled < orders.touch * MIB)
            fill_some();
        else if (now == ticks)
            __asm__ volatile("hlt");
        seen = now;
    }
}
