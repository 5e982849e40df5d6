/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned.h - functions of the C library that are never called here; a call is a compile error.
 *
 * Each is banned because it cannot be told how much room there is (strcpy, sprintf, gets), cannot
 * say that its input was no number (atoi, strtol, sscanf), hides state between calls or threads
 * (strtok, gmtime, rand), races (mktemp) or runs a shell (system, popen). The sentence of the
 * error says what to use.
 *
 * The headers that declare them come first, so that it does not matter what is included after
 * this one. malloc() and free() are not here, because library headers use the names; tools/lint
 * looks for them.
 */
#ifndef HM_BASE_BANNED_H
#define HM_BASE_BANNED_H

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HM_BANNED(why) __extension__({ _Static_assert(0, "banned function: " why); })

#undef strcpy
#undef stpcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef gets
#undef alloca
#undef strtok
#undef strdup
#undef strndup
#undef atoi
#undef atol
#undef atoll
#undef strtol
#undef strtoll
#undef strtoul
#undef strtoull
#undef sscanf
#undef gmtime
#undef localtime
#undef asctime
#undef ctime
#undef rand
#undef srand
#undef random
#undef mktemp
#undef tmpnam
#undef tmpfile
#undef system
#undef popen

#define strcpy(...)    HM_BANNED("copy into the arena with hm_dup()")
#define stpcpy(...)    HM_BANNED("copy into the arena with hm_dup()")
#define strcat(...)    HM_BANNED("build text in a struct hm_buf, or with hm_fmt()")
#define strncpy(...)   HM_BANNED("copy into the arena with hm_dup()")
#define strncat(...)   HM_BANNED("build text in a struct hm_buf, or with hm_fmt()")
#define sprintf(...)   HM_BANNED("format with hm_fmt()")
#define vsprintf(...)  HM_BANNED("format with hm_fmt()")
#define gets(...)      HM_BANNED("read with hm_read_fd()")
#define alloca(...)    HM_BANNED("allocate in the arena with hm_new()")
#define strtok(...)    HM_BANNED("cut slices with hm_cut()")
#define strdup(...)    HM_BANNED("copy into the arena with hm_dupz()")
#define strndup(...)   HM_BANNED("copy into the arena with hm_dupz()")
#define atoi(...)      HM_BANNED("read numbers with hm_u64()")
#define atol(...)      HM_BANNED("read numbers with hm_u64()")
#define atoll(...)     HM_BANNED("read numbers with hm_u64()")
#define strtol(...)    HM_BANNED("read numbers with hm_u64()")
#define strtoll(...)   HM_BANNED("read numbers with hm_u64()")
#define strtoul(...)   HM_BANNED("read numbers with hm_u64()")
#define strtoull(...)  HM_BANNED("read numbers with hm_u64()")
#define sscanf(...)    HM_BANNED("cut slices and read numbers with hm_u64()")
#define gmtime(...)    HM_BANNED("use clock.h, or gmtime_r()")
#define localtime(...) HM_BANNED("times are UTC: use clock.h")
#define asctime(...)   HM_BANNED("use clock.h")
#define ctime(...)     HM_BANNED("use clock.h")
#define rand(...)      HM_BANNED("random bytes come from getrandom()")
#define srand(...)     HM_BANNED("random bytes come from getrandom()")
#define random(...)    HM_BANNED("random bytes come from getrandom()")
#define mktemp(...)    HM_BANNED("use hm_newfile_open() or hm_temp_fd()")
#define tmpnam(...)    HM_BANNED("use hm_newfile_open() or hm_temp_fd()")
#define tmpfile(...)   HM_BANNED("use hm_temp_fd()")
#define system(...)    HM_BANNED("start programs with posix_spawn(), without a shell")
#define popen(...)     HM_BANNED("start programs with posix_spawn(), without a shell")

#endif
