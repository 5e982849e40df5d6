/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/container.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "repair/container_driver.h"

struct container {
	struct repair_run *run;
	const struct repair_base *base;
	struct repair_layer *l;
	char *dir; /* removed in the end; or NULL */
	struct hm_cx *cx;
};

static void container_done(struct container *c)
{
	hm_err err = c->dir ? hm_remove_tree(c->cx, c->dir) : NULL;
	(void)err; /* it is below $TMPDIR */
	if (c->dir)
		repair_container_unwatch(c->dir);
}

/* ------------------------------------------------------------------ can it be done? */

static hm_err check_architecture(struct hm_cx *cx, const struct repair_run *run)
{
	static const struct {
		const char *machine, *architecture;
	} names[] = { { "x86_64", "amd64" },   { "aarch64", "arm64" },   { "armv7l", "arm" },
		      { "i686", "386" },       { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
		      { "riscv64", "riscv64" } };
	struct utsname u;
	if (uname(&u))
		return hm_fail_os(cx, "could not ask which machine this is");
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (!strcmp(u.machine, names[i].machine) &&
		    hm_eqz(run->architecture, names[i].architecture))
			return NULL;
	return hm_fail(cx, HM_DENIED,
		       "scripts of an image for %.*s cannot be run on this machine (%s)",
		       HM_FMT(run->architecture), u.machine);
}

static hm_err check_programs(struct hm_cx *cx)
{
	static const struct {
		const char *paths[2], *package;
	} programs[] = {
		{ { "/usr/bin/bwrap", "/usr/local/bin/bwrap" }, "bubblewrap" },
		{ { "/bin/tar", "/usr/bin/tar" }, "tar" },
		{ { "/usr/bin/find", "/bin/find" }, "findutils" },
		{ { "/usr/bin/comm", "/bin/comm" }, "coreutils" },
		{ { "/usr/bin/cmp", "/bin/cmp" }, "diffutils" },
	};
	for (size_t i = 0; i < HM_LEN(programs); i++)
		if (!hm_exists(programs[i].paths[0]) && !hm_exists(programs[i].paths[1]))
			return hm_hint(cx,
				       hm_fail(cx, HM_ABSENT,
					       "--run-scripts needs \"%s\", which is not installed",
					       programs[i].paths[0]),
				       "apt-get install %s", programs[i].package);
	return NULL;
}

/* ------------------------------------------------------------------ what it gets */

static hm_err open_in(struct hm_cx *cx, const struct container *c, const char *name, int *out)
{
	*out = open(hm_fmt(cx, "%s/in/%s", c->dir, name).p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		    0644);
	/* The folder is ours alone; the container's root, who is nobody here, gets the descriptor.
	 */
	return *out < 0 || fchmod(*out, 0644) ? hm_fail_os(cx, "could not write \"%s\"", name)
					      : NULL;
}

static hm_err put_text(struct hm_cx *cx, const struct container *c, const char *name,
		       struct hm_str text)
{
	HM_AUTO_FD fd = -1;
	HM_TRY(open_in(cx, c, name, &fd));
	return hm_write_all(cx, fd, name, text);
}

static hm_err on_bytes(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	return hm_write_all(cx, *(int *)arg, "a layer", bytes);
}

static hm_err on_again(struct hm_cx *cx, void *arg)
{
	int fd = *(int *)arg;
	return ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET)
		       ? hm_fail_os(cx, "could not write a layer")
		       : NULL;
}

static hm_err put_layers(struct hm_cx *cx, const struct container *c)
{
	for (size_t i = 0; i < c->base->n; i++) {
		HM_AUTO_FD fd = -1;
		HM_TRY(open_in(cx, c, hm_fmt(cx, "base.%06zu", i).p, &fd));
		HM_TRY(oci_fetch_to(cx, c->base->from, &c->base->layers[i],
				    (struct oci_sink){ on_bytes, on_again, &fd }));
	}
	HM_AUTO_FD fd = -1;
	HM_TRY(open_in(cx, c, "new.tar", &fd));
	return repair_layer_copy(cx, c->l, fd);
}

/* What no maintainer script has to do: other namespaces, mounts, kernels, keys, and any socket but
 * those of this machine. */
static const int refused[] = {
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(ptrace),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(reboot),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsmount),
	SCMP_SYS(open_tree),
	SCMP_SYS(move_mount),
	SCMP_SYS(quotactl),
	SCMP_SYS(syslog),
	SCMP_SYS(acct),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(sethostname),
};

static hm_err put_seccomp(struct hm_cx *cx, const struct container *c)
{
	HM_AUTO_FD fd = -1;
	int bad = 0;
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	for (size_t i = 0; f && i < HM_LEN(refused); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	bad |= !f ||
	       seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_NE, 1 /* AF_UNIX */)) ||
	       seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, 0x10000000 /* CLONE_NEWUSER */,
					0x10000000)) ||
	       /* Its flags cannot be seen; the C library falls back to clone. */
	       seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	hm_err err = open_in(cx, c, "seccomp", &fd);
	if (!err && (bad || seccomp_export_bpf(f, fd)))
		err = hm_fail(cx, HM_SYSTEM, "could not make the container's filter");
	if (f)
		seccomp_release(f);
	return err;
}

static void add_quoted(struct hm_buf *b, struct hm_str s)
{
	hm_buf_addz(b, " '");
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\'')
			hm_buf_addz(b, "'\\''");
		else
			hm_buf_char(b, s.p[i]);
	hm_buf_char(b, '\'');
}

static hm_err put_calls(struct hm_cx *cx, const struct container *c, bool is_after,
			struct hm_buf *b)
{
	for (size_t i = 0; i < c->run->calls.n; i++) {
		const struct repair_call *call = &c->run->calls.p[i];
		struct hm_str file = hm_fmt(cx, "script.%06zu", i);
		if (call->is_after != is_after)
			continue;
		HM_TRY(put_text(cx, c, file.p, call->text));
		hm_buf_addz(b, "call");
		add_quoted(b, file);
		add_quoted(b, call->change->name);
		add_quoted(b, call->change->arch);
		add_quoted(b, call->script);
		for (size_t k = 0; k < call->arguments.n; k++)
			add_quoted(b, call->arguments.p[k]);
		hm_buf_char(b, '\n');
	}
	return NULL;
}

static hm_err put_driver(struct hm_cx *cx, const struct container *c)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct hm_str text;
	hm_buf_addz(&b, DRIVER_HEAD);
	HM_TRY(put_calls(cx, c, false, &b));
	hm_buf_addz(&b, DRIVER_MIDDLE);
	HM_TRY(put_calls(cx, c, true, &b));
	hm_buf_addz(&b, DRIVER_TAIL);
	HM_TRY(hm_buf_end(cx, &b, "the container's script", &text));
	return put_text(cx, c, "driver", text);
}

/* ------------------------------------------------------------------ the run */

/* What the root takes, in whole pages, and what scripts may add to it. */
static uint64_t size_of_root(const struct container *c)
{
	uint64_t size = HM_MAX_SCRIPT_DISK + c->l->archive.n;
	for (size_t i = 0; i < c->run->root.nodes.n; i++) {
		const struct repair_node *n = c->run->root.nodes.entries[i].value;
		size += n->type == TAR_FILE ? (n->size + 8191) / 4096 * 4096 : 4096;
	}
	return size;
}

static hm_err run_job(struct hm_cx *cx, const struct container *c)
{
	HM_AUTO_BUF args = HM_BUF(HM_KIB * 16);
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str none;
	hm_buf_counted(&args, hm_cstr(c->dir));
	hm_buf_counted(&args, hm_fmt(cx, "%llu", (unsigned long long)size_of_root(c)));
	HM_TRY(hm_worker_start(cx, REPAIR_CONTAINER_JOB, hm_buf_str(&args), 0, &w));
	return hm_worker_answer(cx, &w, &none);
}

static void tell(struct hm_cx *cx, struct repair_run *run)
{
	for (size_t i = 0; i < run->calls.n; i++) {
		struct repair_change *change = run->calls.p[i].change;
		change->script = REPAIR_SCRIPT_DONE;
		*hm_push(cx, &change->script_why) =
			hm_fmt(cx, "%.*s: run in a container", HM_FMT(run->calls.p[i].script));
	}
	*hm_push(cx, &run->result->notes) = HM_STR(
		"scripts were run in a container: what they left in run, tmp, var/log, var/cache and "
		"var/tmp is left out");
}

hm_err repair_container_run(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l)
{
	HM_CLEANUP(container_done) struct container c = { run, &run->base, l, NULL, cx };
	HM_AUTO_FD fd = -1;
	HM_TRY(check_architecture(cx, run));
	if (run->o->plan_only) {
		tell(cx, run);
		return NULL;
	}
	HM_TRY(check_programs(cx));
	HM_TRY(hm_temp_dir(cx, &c.dir));
	repair_container_watch(c.dir);
	HM_TRY(hm_mkdirs(cx, hm_path(cx, c.dir, "in"), 0755));
	HM_TRY(put_layers(cx, &c));
	HM_TRY(put_seccomp(cx, &c));
	HM_TRY(put_driver(cx, &c));
	fd = open(hm_path(cx, c.dir, "out"), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return hm_fail_os(cx, "could not make a file for what the scripts change");
	HM_TRY(run_job(cx, &c));
	HM_TRY_IN(cx, repair_container_read(cx, run, fd, l), "what scripts changed");
	tell(cx, run);
	return NULL;
}
