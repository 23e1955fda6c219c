/* Timer, serial port, keyboard, power: what a PC has had since 1981, plus the ACPI power button. */
#include "guest.h"

volatile uint32_t ticks;

extern void timer_entry(void);
extern void spurious_entry(void);

struct gate {
    uint16_t low, selector, type, high;
} __attribute__((packed));

static struct gate gates[0x30];

#define COM1 0x3F8

/* Registers of the power management block, from its base. */
#define PM1_STATUS 0
#define PM1_ENABLE 2
#define PM1_CONTROL 4
#define POWER_BUTTON (1u << 8)
#define SLEEP_NOW (1u << 13) /* with sleep type 0, which QEMU's machines have as S5 */

static uint16_t pm_base;

static void gate_set(int number, void (*entry)(void))
{
    uint32_t address = (uint32_t)entry;
    gates[number] = (struct gate){ (uint16_t)address, 0x08, 0x8E00, (uint16_t)(address >> 16) };
}

static void interrupts_start(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) table = { sizeof gates - 1, (uint32_t)gates };

    for (int number = 0x20; number < 0x30; number++)
        gate_set(number, spurious_entry);
    gate_set(0x20, timer_entry);
    __asm__ volatile("lidt %0" : : "m"(table));

    /* Both controllers: vectors from 0x20 and 0x28, everything masked but the timer. */
    out8(0x20, 0x11), out8(0xA0, 0x11);
    out8(0x21, 0x20), out8(0xA1, 0x28);
    out8(0x21, 0x04), out8(0xA1, 0x02);
    out8(0x21, 0x01), out8(0xA1, 0x01);
    out8(0x21, 0xFE), out8(0xA1, 0xFF);

    uint16_t divisor = 1193182u / TICKS_PER_SECOND;
    out8(0x43, 0x34);
    out8(0x40, (uint8_t)divisor), out8(0x40, (uint8_t)(divisor >> 8));
}

static void serial_start(void)
{
    out8(COM1 + 1, 0);
    out8(COM1 + 3, 0x80);
    out8(COM1 + 0, 1), out8(COM1 + 1, 0); /* 115200 baud */
    out8(COM1 + 3, 0x03);
    out8(COM1 + 2, 0xC7);
    out8(COM1 + 4, 0x0B);
}

static uint32_t pci_read(uint32_t device, uint32_t function, uint32_t offset)
{
    out32(0xCF8, 0x80000000u | device << 11 | function << 8 | offset);
    return in32(0xCFC);
}

/* The firmware chose the base; it is in the PIIX4 (machine pc) or in the ICH9 (machine q35). */
static void power_start(void)
{
    if (pci_read(1, 3, 0) == 0x71138086u)
        pm_base = pci_read(1, 3, 0x40) & 0xFFC0u;
    else if (pci_read(31, 0, 0) == 0x29188086u)
        pm_base = pci_read(31, 0, 0x40) & 0xFF80u;
    if (pm_base)
        out16(pm_base + PM1_ENABLE, POWER_BUTTON); /* QEMU drops the press where this is off */
}

void hardware_start(void)
{
    interrupts_start();
    serial_start();
    power_start();
    __asm__ volatile("sti");
}

int power_button_pressed(void)
{
    if (!pm_base || !(in16(pm_base + PM1_STATUS) & POWER_BUTTON))
        return 0;
    out16(pm_base + PM1_STATUS, POWER_BUTTON);
    return 1;
}

void power_off(void)
{
    if (pm_base)
        out16(pm_base + PM1_CONTROL, SLEEP_NOW);
}

void reset(void)
{
    out8(0xCF9, 0x06);
    out8(0x64, 0xFE);
}

void serial_write(const char *text)
{
    for (; *text; text++) {
        /* Bounded: a port that nobody reads must not stop the guest. */
        for (int tries = 0; tries < 100000 && !(in8(COM1 + 5) & 0x20); tries++)
            ;
        out8(COM1, (uint8_t)*text);
    }
}

int serial_read(void)
{
    return in8(COM1 + 5) & 0x01 ? in8(COM1) : -1;
}

int keyboard_read(void)
{
    static const char keys[] = "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
    uint8_t status = in8(0x64);

    if (!(status & 0x01))
        return -1;
    uint8_t code = in8(0x60);
    if (status & 0x20 || code >= sizeof keys - 1) /* from the mouse, or a key let go */
        return -1;
    return keys[code] ? keys[code] : -1;
}
