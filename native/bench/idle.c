/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that is started: no libc, one page of code. What a program costs by itself is nobody's launcher's.
 *
 *   idle        ends with 0 at once
 *   idle stay   stays until it is killed
 */
#include <sys/syscall.h>

/* With all arguments 0: exit_group(0), and ppoll(2) of nothing for ever. */
#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\tmov (%rsp), %rdi\n\tand $-16, %rsp\n\tcall begin\n");
static void call(long number)
{
	register long fourth __asm__("r10") = 0;

	__asm__ volatile("syscall" : "+a"(number) : "D"(0), "S"(0), "d"(0), "r"(fourth) : "rcx", "r11", "memory");
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tldr x0, [sp]\n\tbl begin\n");
static void call(long number)
{
	register long which __asm__("x8") = number;
	register long first __asm__("x0") = 0;
	register long second __asm__("x1") = 0;
	register long third __asm__("x2") = 0;
	register long fourth __asm__("x3") = 0;

	__asm__ volatile("svc 0" : "+r"(first) : "r"(which), "r"(second), "r"(third), "r"(fourth) : "memory");
}
#else
#error "this processor's system call instruction is needed here"
#endif

_Noreturn void begin(long arguments);

_Noreturn void begin(long arguments)
{
	while (arguments > 1)
		call(SYS_ppoll);
	for (;;)
		call(SYS_exit_group);
}
