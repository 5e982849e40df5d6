/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environment.h - what of our environment other programs get.
 */
#ifndef BASE_ENVIRONMENT_H
#define BASE_ENVIRONMENT_H

#include "base/cx.h"

/* Our environment, ended by NULL, without the credentials that are ours: registries' passwords,
 * passphrases of keys, identity tokens and what gets one of those. Whoever runs code by somebody
 * else (a plugin, a module of the machine's) gives that. The credentials of the services that such
 * code stands for stay, under names that only it knows. `but` names one of ours that stays all the
 * same; or NULL. */
char **hm_environment_for_others(struct hm_cx *cx, const char *but);

#endif
