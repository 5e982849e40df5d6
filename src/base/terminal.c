/* SPDX-License-Identifier: Apache-2.0 */
#include "base/terminal.h"

#include <signal.h>
#include <stddef.h>
#include <termios.h>

static const int interrupts[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
enum { INTERRUPTS = sizeof(interrupts) / sizeof(interrupts[0]) };

/* What the handler needs: it is set before the handler is. */
static struct termios shown;
static int terminal = -1;
static struct sigaction before[INTERRUPTS];

/* Async-signal-safe: tcsetattr(), sigaction() and raise() are (POSIX, 2.4.3). */
static void show_again(int number)
{
	tcsetattr(terminal, TCSAFLUSH, &shown);
	for (size_t i = 0; i < INTERRUPTS; i++)
		if (interrupts[i] == number)
			sigaction(number, &before[i], NULL);
	raise(number); /* taken when this returns */
}

bool hm_terminal_hide(int fd)
{
	struct sigaction restore = { .sa_handler = show_again, .sa_flags = SA_RESTART };
	hm_terminal_show(); /* one at a time */
	if (tcgetattr(fd, &shown))
		return false;
	terminal = fd;
	sigemptyset(&restore.sa_mask);
	for (size_t i = 0; i < INTERRUPTS; i++) {
		sigaction(interrupts[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN) /* nohup(1) */
			sigaction(interrupts[i], &restore, NULL);
	}
	struct termios quiet = shown;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (!tcsetattr(fd, TCSAFLUSH, &quiet))
		return true;
	hm_terminal_show();
	return false;
}

void hm_terminal_show(void)
{
	if (terminal < 0)
		return;
	tcsetattr(terminal, TCSAFLUSH, &shown);
	for (size_t i = 0; i < INTERRUPTS; i++)
		sigaction(interrupts[i], &before[i], NULL);
	terminal = -1;
}
