/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.h - system calls of this very process that fail: a test program that is linked with
 * faults.c has write, fsync, rename and their kin from there, SQLite's included.
 *
 *     for (long n = 1; ; n++) {
 *         faults_start(n, ENOSPC, false);
 *         ... what may fail ...
 *         if (faults_stop() < n)
 *             break; // there were fewer calls: none of them failed
 *     }
 */
#ifndef TESTS_UNIT_FAULTS_H
#define TESTS_UNIT_FAULTS_H

#include <stdbool.h>

/* From now on the n-th call that changes something fails with this errno, and with `stays` all
 * behind it, too. */
void faults_start(long n, int error, bool stays);
/* No call fails any more; how many there were. */
long faults_stop(void);
/* Only calls of this name count and fail ("unlink"); NULL: all do. */
void faults_only(const char *name);

/* A copy of a folder as it is now, as a kill would leave it: without the locks that are held. */
bool faults_copy(const char *from, const char *to);

/* The next folder that is listed begins with so many names more, of files that are not there. */
void faults_add_names(long n);

/* From now on folders are noted in which a name was made. */
void faults_watch_folders(void);
/* One of them, at or below `where`, that was not flushed since; NULL: all were. */
const char *faults_find_unflushed(const char *where);

#endif
