/* The console: 80 × 25 characters that say who this is, what it does, and that it lives. */
#include "guest.h"

#define COLUMNS 80
#define ROWS 25
#define BLOCK 0xDB
#define HEART 0x03

#define PLAIN 0x07
#define BRIGHT 0x0F
#define TITLE 0x1F
#define GREEN 0x0A
#define DIM 0x08
#define RED 0x0C

/* What is on the screen already. A write to video memory leaves the virtual machine, and is slow. */
static uint16_t shown[ROWS * COLUMNS];

/* Digits of 5 × 7 points; one row a byte. */
static const uint8_t digits[10][7] = {
    { 14, 17, 19, 21, 25, 17, 14 }, { 4, 12, 4, 4, 4, 4, 14 },    { 14, 17, 1, 6, 8, 16, 31 },
    { 14, 17, 1, 6, 1, 17, 14 },    { 2, 6, 10, 18, 31, 2, 2 },   { 31, 16, 30, 1, 1, 17, 14 },
    { 6, 8, 16, 30, 17, 17, 14 },   { 31, 1, 2, 4, 8, 8, 8 },     { 14, 17, 17, 14, 17, 17, 14 },
    { 14, 17, 17, 15, 1, 2, 12 },
};

static void put(int row, int column, uint8_t character, uint8_t colour)
{
    int at = row * COLUMNS + column;
    uint16_t cell = (uint16_t)(colour << 8 | character);

    if (column < 0 || column >= COLUMNS || shown[at] == cell)
        return;
    shown[at] = cell;
    ((volatile uint16_t *)0xB8000)[at] = cell;
}

static int write_at(int row, int column, const char *text, uint8_t colour)
{
    while (*text)
        put(row, column++, (uint8_t)*text++, colour);
    return column;
}

/* A whole line from column 4: what it held before goes. */
static void line(int row, const char *text, uint8_t colour)
{
    for (int column = write_at(row, 4, text, colour); column < COLUMNS; column++)
        put(row, column, ' ', PLAIN);
}

static int big_digit(int row, int column, int digit)
{
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 5; x++) {
            uint8_t on = digits[digit][y] >> (4 - x) & 1;
            put(row + y, column + 2 * x, on ? BLOCK : ' ', GREEN);
            put(row + y, column + 2 * x + 1, on ? BLOCK : ' ', GREEN);
        }
    return column + 12;
}

void screen_start(const struct orders *orders, uint32_t memory_mib)
{
    char text[80], *end;

    /* No blinking cursor: it would be the only thing that changes between heartbeats. */
    out8(0x3D4, 0x0A);
    out8(0x3D5, 0x20);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++)
            put(row, column, ' ', row == 0 ? TITLE : PLAIN);
    write_at(0, 4, "Vireo practice guest", TITLE);
    line(2, orders->name, BRIGHT);
    end = text_append_number(text, memory_mib);
    text_append(end, " MiB of memory, no operating system.");
    line(3, text, DIM);
    line(5, "Heartbeats since power on. A guest that moves goes on counting.", PLAIN);
    line(22, "Type:  rate N (MiB/s)   off   reset", DIM);
}

void screen_heartbeat(uint32_t heartbeat)
{
    char number[11];
    int column = 4;

    text_append_number(number, heartbeat);
    for (char *digit = number; *digit && column < 76; digit++)
        column = big_digit(7, column, *digit - '0');
    put(2, 76, HEART, heartbeat & 1 ? RED : DIM);
}

void screen_work(const struct orders *orders, uint32_t filled_mib, uint32_t rewritten_mib)
{
    char text[160], *end;

    if (orders->touch) {
        end = text_append(text, "Holds ");
        end = text_append_number(end, filled_mib);
        end = text_append(end, " MiB of data");
        text_append(end, filled_mib < orders->touch ? " and is reading more." : ".");
        line(16, text, PLAIN);
    }
    if (orders->rate && orders->memory) {
        end = text_append(text, "Rewrites ");
        end = text_append_number(end, orders->memory);
        end = text_append(end, " MiB of memory at ");
        end = text_append_number(end, orders->rate);
        end = text_append(end, " MiB/s: ");
        end = text_append_number(end, rewritten_mib);
        text_append(end, " MiB so far.");
        line(17, text, PLAIN);
    } else {
        line(17, "Idles between heartbeats.", PLAIN);
    }
}

void screen_typed(const char *typed)
{
    char text[80], *end;

    end = text_append(text, "> ");
    end = text_append(end, typed);
    text_append(end, "_");
    line(23, text, BRIGHT);
}

void screen_message(const char *message)
{
    line(20, message, BRIGHT);
}
