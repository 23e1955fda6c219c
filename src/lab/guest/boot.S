/* Entry of the practice guest: multiboot 1, 32-bit, flat memory, no paging. */
.set MAGIC, 0x1BADB002
.set FLAGS, 0x3                 /* page-aligned, with memory information */

.section .multiboot, "a"
.align 4
.long MAGIC
.long FLAGS
.long -(MAGIC + FLAGS)

.section .text
.global start
start:
    cli
    mov $stack_top, %esp
    lgdt gdt_pointer
    ljmp $0x08, $reload
reload:
    mov $0x10, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    push %ebx                   /* multiboot information */
    call guest_main
stop:
    hlt
    jmp stop

/* The only interrupt in use: the timer, IRQ 0. */
.global timer_entry
timer_entry:
    push %eax
    incl ticks
    mov $0x20, %al
    out %al, $0x20
    pop %eax
    iret

/* Anything the interrupt controllers raise by mistake (IRQ 7). */
.global spurious_entry
spurious_entry:
    iret

.section .rodata
.align 8
gdt:
    .quad 0
    .quad 0x00CF9A000000FFFF    /* code: base 0, 4 GiB */
    .quad 0x00CF92000000FFFF    /* data: base 0, 4 GiB */
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt

.section .bss
.align 16
.skip 16384
stack_top:

.section .note.GNU-stack, "", @progbits
