/* SPDX-License-Identifier: Apache-2.0 */
/* "cap_net_admin,cap_net_raw=ep" (cap_text_formats(7)) as a file has it: version 2 of
 * vfs_cap_data (linux/capability.h). */
#include "repair/room.h"

static const char *const names[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};

struct sets {
	uint64_t effective, permitted, inheritable;
};

static bool read_name(struct hm_str name, uint64_t *out)
{
	if (!name.n || hm_eqz(name, "all")) {
		*out = (UINT64_C(1) << HM_LEN(names)) - 1;
		return true;
	}
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_starts(name, HM_STR("cap_")) && hm_eqz(hm_from(name, 4), names[i])) {
			*out = UINT64_C(1) << i;
			return true;
		}
	return false;
}

static bool change(struct sets *s, char op, uint64_t bits, struct hm_str flags)
{
	uint64_t *const all[] = { &s->effective, &s->permitted, &s->inheritable };
	for (size_t i = 0; i < HM_LEN(all) && op == '='; i++)
		*all[i] &= ~bits;
	for (size_t i = 0; i < flags.n; i++) {
		uint64_t *set = flags.p[i] == 'e'   ? &s->effective
				: flags.p[i] == 'p' ? &s->permitted
				: flags.p[i] == 'i' ? &s->inheritable
						    : NULL;
		if (!set)
			return false;
		*set = op == '-' ? *set & ~bits : *set | bits;
	}
	return true;
}

/* "NAME,NAME=ep+i": one clause. */
static bool read_clause(struct hm_str text, struct sets *s)
{
	uint64_t bits = 0, one;
	size_t n = 0;
	while (n < text.n && !hm_is_one_of(text.p[n], "=+-"))
		n++;
	for (struct hm_str list = hm_sub(text, 0, n); list.n || !bits;) {
		if (!read_name(hm_cut(&list, ','), &one))
			return false;
		bits |= one;
	}
	text = hm_from(text, n);
	if (!text.n)
		return false;
	while (text.n) {
		char op = text.p[0];
		for (n = 1; n < text.n && !hm_is_one_of(text.p[n], "=+-");)
			n++;
		if (!change(s, op, bits, hm_sub(text, 1, n - 1)))
			return false;
		text = hm_from(text, n);
	}
	return true;
}

bool repair_capability(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	enum { VERSION_2 = 0x02000000, EFFECTIVE = 1, SIZE = 20 };
	struct sets s = { 0 };
	HM_AUTO_BUF b = HM_BUF(SIZE);
	while (text.n) {
		struct hm_str clause = hm_cut(&text, ' ');
		if (clause.n && !read_clause(clause, &s))
			return false;
	}
	/* A file has one bit for all of the effective ones. */
	if (s.effective && s.effective != (s.permitted | s.inheritable))
		return false;
	hm_buf_le(&b, VERSION_2 | (s.effective ? EFFECTIVE : 0), 4);
	for (int shift = 0; shift < 64; shift += 32) {
		hm_buf_le(&b, s.permitted >> shift & UINT32_MAX, 4);
		hm_buf_le(&b, s.inheritable >> shift & UINT32_MAX, 4);
	}
	*out = hm_dup(cx, hm_buf_str(&b));
	return true;
}
