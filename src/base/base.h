/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base.h - the vocabulary every other file is written in.
 *
 * base/ holds what C lacks and knows nothing of containers. It is a collection: one header a
 * primitive, each the manual of its own, and this one to include them all.
 *
 *   cx.h        memory, budget, deadline and faults of one request
 *   str.h       text and bytes as slices; the cursor; numbers from text
 *   buf.h       a growing buffer with a stated maximum
 *   fmt.h       the formatter: exact for data; sentences for people
 *   key.h       keys of several parts, which never meet
 *   vec.h       typed vectors in the arena
 *   map.h       maps with a seeded hash; atoms (interned names)
 *   limits.h    every limit on what is read from outside, in one table
 *   cache.h     a folder of files that may be lost, under a maximum
 *   file.h      files: read whole, replace atomically, lock, walk
 *   clock.h     wall and monotonic time; RFC 3339
 *   pool.h      work spread over threads
 *   secret.h    passwords, tokens and keys: locked in memory, wiped
 *   log.h       the structured log, and progress for people
 *   environment.h  what of our environment other programs get
 *   child.h     a program of somebody else, run once
 *   worker.h    the sandboxed process in which hostile bytes are parsed
 */
#ifndef HM_BASE_H
#define HM_BASE_H

#include "base/cx.h"

#include "base/str.h"

#include "base/buf.h"
#include "base/cache.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/key.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/secret.h"
#include "base/vec.h"

/* last: after every header of a library */
#include "base/banned.h"

#endif
