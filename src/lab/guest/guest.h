/* The practice guest: a machine without an operating system that counts, shows the count, and keeps as
 * much memory busy as it is told to. See guest.c. */
#ifndef GUEST_H
#define GUEST_H

#include <stdint.h>

#define TICKS_PER_SECOND 100u
#define MIB (1024u * 1024u)

/* What the command line asked for. */
struct orders {
    char name[32];
    uint32_t memory; /* MiB that are rewritten in a loop */
    uint32_t rate;   /* MiB/s of rewriting; 0: none */
    uint32_t touch;  /* MiB filled once with data that does not compress */
    uint32_t off;    /* power off at this heartbeat; 0: never */
};

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint16_t in16(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t in32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* hardware.c */
extern volatile uint32_t ticks;
void hardware_start(void);
int power_button_pressed(void);
void power_off(void);
void reset(void);
void serial_write(const char *text);
int serial_read(void);   /* a character, or -1 */
int keyboard_read(void); /* a character, or -1 */

/* text.c */
int text_equal(const char *a, const char *b);
uint32_t text_number(const char *digits);
char *text_append(char *end, const char *text);
char *text_append_number(char *end, uint32_t number);
void orders_read(struct orders *orders, const char *line);

/* screen.c */
void screen_start(const struct orders *orders, uint32_t memory_mib);
void screen_heartbeat(uint32_t heartbeat);
void screen_work(const struct orders *orders, uint32_t filled_mib, uint32_t rewritten_mib);
void screen_typed(const char *line);
void screen_message(const char *message);

#endif
