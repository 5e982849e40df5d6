/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process whose copies are workers. It has one thread, and has read nothing but messages of its
 * parent. A copy is made with CLONE_PARENT: it is a child of the template's parent, which so waits
 * for it, and ends it, like a worker that it has spawned.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/worker_parts.h"

enum { ENDS = 2 };
union ends_message {
	struct cmsghdr head;
	char room[CMSG_SPACE(ENDS * sizeof(int))];
};

bool hm_worker_send_ends(int socket, const int ends[2], bool is_large)
{
	union ends_message control = { 0 };
	char byte = is_large;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(ENDS * sizeof(int));
	memcpy(CMSG_DATA(c), ends, ENDS * sizeof(int));
	return sendmsg(socket, &m, MSG_NOSIGNAL) == 1;
}

static bool receive_ends(int socket, int ends[2], bool *out_large)
{
	union ends_message control = { 0 };
	char byte = 0;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	ssize_t n;
	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	const struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(ENDS * sizeof(int)))
		return false;
	memcpy(ends, CMSG_DATA(c), ENDS * sizeof(int));
	*out_large = byte != 0;
	return true;
}

atomic_int *hm_worker_share(int fd)
{
	void *p = mmap(NULL, sizeof(atomic_int), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

void hm_worker_unshare(atomic_int *copy)
{
	if (copy)
		munmap(copy, sizeof(*copy));
}

/* The kernel writes the number of the copy before it returns to anybody: a template that is ended
 * in between has left it for its parent. */
static int make_copy(atomic_int *copy)
{
	return (int)syscall(SYS_clone, CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, NULL, copy,
			    NULL, NULL);
}

/* The copy's descriptors are its two ends, and standard error until it is in the sandbox. */
static void become_worker(const int ends[2], atomic_int *copy)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	hm_worker_unshare(copy);
	if (dup2(ends[0], STDIN_FILENO) < 0 || dup2(ends[1], STDOUT_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
		_exit(EXIT_FAILURE);
}

_Noreturn void hm_worker_serve_copies(const struct hm_job *job, uint64_t memory, atomic_int *copy,
				      hm_worker_body *body)
{
	HM_AUTO_CX cx = HM_CX(HM_MAX_WORKER_MEMORY);
	struct hm_worker_copied c = { .job = job, .memory = memory };
	int ends[ENDS];
	if ((job->load && job->load(&cx)) || hm_sandbox_prepare(&cx, false, &c.sandbox))
		_exit(EXIT_FAILURE); /* a worker that is spawned says why */
	while (receive_ends(STDIN_FILENO, ends, &c.is_large)) {
		int pid = make_copy(copy);
		if (pid == 0) {
			become_worker(ends, copy);
			body(&c);
			_exit(EXIT_FAILURE);
		}
		hm_close_fd(&ends[0]);
		hm_close_fd(&ends[1]);
		if (send(STDIN_FILENO, &pid, sizeof(pid), MSG_NOSIGNAL) != sizeof(pid))
			break;
	}
	_exit(EXIT_SUCCESS);
}
