/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal.h - a terminal that does not show what is typed, for passwords and PINs.
 *
 * Whoever is interrupted meanwhile leaves it as it was: the shell behind us would else be a blind
 * one. One terminal at a time, by one thread.
 */
#ifndef HM_BASE_TERMINAL_H
#define HM_BASE_TERMINAL_H

#include <stdbool.h>

/* Returns false, and changes nothing, where `fd` is not a terminal. It stays open until
 * hm_terminal_show(). From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT show it again first, and
 * then do what they did. */
bool hm_terminal_hide(int fd);
/* As it was before; nothing where none is hidden. */
void hm_terminal_show(void);

#endif
