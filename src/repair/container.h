/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.h - inside repair/: maintainer scripts that nobody here can follow, run
 * (--run-scripts).
 *
 * A copy of the merged root is made in memory (tmpfs, of a limited size) and the scripts run over
 * it, as the root of a user namespace whose numbers are nobody's on this machine: without network,
 * with few capabilities, under seccomp, with limits on processes, memory and time. bubblewrap
 * builds it; what it and the scripts leave is gone when any of them, or we, end. What they changed
 * comes back as a tar archive, which is read as a stranger's and put into the one layer. The files:
 * container.c (what is run), container_job.c (the process that makes the user namespace),
 * container_read.c (what came of it), container_end.c (nothing is left when we are ended).
 */
#ifndef REPAIR_CONTAINER_H
#define REPAIR_CONTAINER_H

#include "repair/room.h"

#define REPAIR_CONTAINER_JOB "repair-container"
#define REPAIR_CHANGES_JOB   "repair-container-changes"

/* run->calls, and what they change into the layer. HM_DENIED: one failed, or did what is not
 * allowed; HM_ABSENT: a program that this needs is not installed. */
HM_MUST hm_err repair_container_run(struct hm_cx *cx, struct repair_run *run,
				    struct repair_layer *l);
/* The archive `fd` into the layer. */
HM_MUST hm_err repair_container_read(struct hm_cx *cx, struct repair_run *run, int fd,
				     struct repair_layer *l);
/* SIGINT, SIGTERM and SIGHUP remove this folder first; until it is no longer to be watched. */
void repair_container_watch(const char *folder);
void repair_container_unwatch(const char *folder);
/* What the job is told: in its arguments, counted: the folder, the size of the root. Its folder
 * has "in/driver", "in/seccomp", "in/base.NNNN", "in/new.tar"; it leaves "out" and "log". */

#endif
