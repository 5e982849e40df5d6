/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's headers, what its database is looked up by, and capabilities of files. */
#include "unit.h"

#include "repair/rpm/script.h"
#include "repair/rpm/tags.h"
#include "repair/rpm/write.h"

/* ------------------------------------------------------------------ headers */

struct making {
	struct hm_buf index, data;
	uint32_t n;
};

static void put_be(struct hm_buf *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		hm_buf_char(b, (char)(v >> shift & 0xff));
}

static void put_entry(struct making *m, uint32_t tag, uint32_t type, uint32_t count)
{
	put_be(&m->index, tag);
	put_be(&m->index, type);
	put_be(&m->index, (uint32_t)m->data.n);
	put_be(&m->index, count);
	m->n++;
}

static struct hm_str end_header(struct hm_cx *cx, struct making *m)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	put_be(&b, m->n);
	put_be(&b, (uint32_t)m->data.n);
	hm_buf_add(&b, hm_buf_str(&m->index));
	hm_buf_add(&b, hm_buf_str(&m->data));
	hm_buf_done(&m->index);
	hm_buf_done(&m->data);
	return hm_dup(cx, hm_buf_str(&b));
}

/* A header of one tag with these texts, parted by '|'; and REQUIREFLAGS, a number each. */
static struct hm_str header_of(struct hm_cx *cx, uint32_t tag, const char *texts, uint32_t flags)
{
	struct making m = { .index = HM_BUF(HM_MIB), .data = HM_BUF(HM_MIB) };
	struct hm_str all = hm_cstr(texts), rest = all;
	uint32_t n = 0;
	for (; rest.n; n++)
		hm_cut(&rest, '|');
	put_entry(&m, tag, RPM_STRINGS, n);
	for (rest = all; rest.n;) {
		hm_buf_add(&m.data, hm_cut(&rest, '|'));
		hm_buf_char(&m.data, '\0');
	}
	put_entry(&m, RPM_TAG_REQUIREFLAGS, RPM_INT32, n);
	for (uint32_t i = 0; i < n; i++)
		put_be(&m.data, flags);
	return end_header(cx, &m);
}

static void damaged_headers(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str good = header_of(&cx, RPM_TAG_NAME, "alpha", 0);
	struct rpm_header h;
	(void)state;
	assert_ok(repair_rpm_header(&cx, good, &h));
	assert_strz(repair_rpm_string(&h, RPM_TAG_NAME), "alpha");
	for (size_t n = 0; n < good.n; n++)
		assert_fault(repair_rpm_header(&cx, hm_sub(good, 0, n), &h), HM_INPUT, "cut short");
	/* A tag that points outside of the data has no value. */
	char *bytes = hm_dupz(&cx, good);
	memset(bytes + RPM_INTRO + 8, 0x7f, 4);
	assert_ok(repair_rpm_header(&cx, hm_bytes(bytes, good.n), &h));
	assert_strz(repair_rpm_string(&h, RPM_TAG_NAME), "");
}

/* ------------------------------------------------------------------ what is looked up */

static hm_err add_key(struct hm_cx *cx, void *arg, struct hm_str key, uint32_t number)
{
	(void)cx;
	hm_buf_fmt(arg, "%.*s/%u;", HM_FMT(key), (unsigned)number);
	return NULL;
}

static const struct index_case {
	const char *label, *table, *texts;
	uint32_t flags;
	const char *want;
} indexes[] = {
	{ "names", "Name", "alpha", 0, "alpha/0;" },
	{ "each text by its number", "Basenames", "a|b|a", 0, "a/0;b/1;a/2;" },
	{ "triggers once", "Triggername", "a|b|a", 0, "a/0;b/1;" },
	{ "requirements of scripts of the installation do not count", "Requirename", "a", 1 << 9,
	  "" },
	{ "but those of the removal's do", "Requirename", "a", 1 << 9 | 1 << 11, "a/0;" },
	{ "an expression, and its names", "Requirename", "(b or a)", 0, "(b or a)/0;a/0;b/0;" },
	{ "versions are no names", "Requirename", "(a >= 1 and b)", 0,
	  "(a >= 1 and b)/0;a/0;b/0;" },
	{ "a condition", "Requirename", "(a if b)", 0, "(a if b)/0;a/0;!b/0;" },
	{ "a condition and its other way", "Requirename", "(a if b else c)", 0,
	  "(a if b else c)/0;a/0;b/0;c/0;!b/0;" },
	{ "parentheses of a name", "Requirename", "(a(x)(64bit) or b)", 0,
	  "(a(x)(64bit) or b)/0;a(x)(64bit)/0;b/0;" },
	{ "no expression in what is provided", "Providename", "(a or b)", 0, "(a or b)/0;" },
	{ "one that does not end", "Requirename", "(a or b", 0, "(a or b/0;" },
	{ "one that ends twice", "Requirename", "(a))", 0, "(a))/0;" },
};

static const struct rpm_index_row *row_of(const char *name)
{
	const struct rpm_index_row *row = repair_rpm_indexes;
	while (row->name && strcmp(row->name, name) != 0)
		row++;
	return row;
}

static void index_of(void **state)
{
	const struct index_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF got = HM_BUF(4096);
	struct rpm_header h;
	const struct rpm_index_row *row = row_of(t->table);
	assert_non_null(row->name);
	assert_ok(repair_rpm_header(&cx, header_of(&cx, row->tag, t->texts, t->flags), &h));
	assert_ok(repair_rpm_index(&cx, &h, row, false, (struct rpm_index_sink){ add_key, &got }));
	assert_strz(hm_buf_str(&got), t->want);
}

/* Every table of rpm 4.18 has a row, and each row a tag of its own. */
static void index_rows(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_map names = { 0 }, tags = { 0 };
	(void)state;
	for (const struct rpm_index_row *row = repair_rpm_indexes; row->name; row++) {
		struct hm_str tag = hm_fmt(&cx, "%u", (unsigned)row->tag);
		assert_false(hm_map_has(&names, hm_cstr(row->name)));
		assert_false(hm_map_has(&tags, tag));
		hm_map_put(&cx, &names, hm_cstr(row->name), &names);
		hm_map_put(&cx, &tags, tag, &tags);
	}
	assert_int_equal(names.n, 18);
}

/* A package without a group is of the group "Unknown"; a time is as the machine has it. */
static void index_others(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF got = HM_BUF(4096);
	struct making m = { .index = HM_BUF(HM_MIB), .data = HM_BUF(HM_MIB) };
	struct rpm_index_sink to = { add_key, &got };
	struct rpm_header h;
	(void)state;
	put_entry(&m, RPM_TAG_INSTALLTID, RPM_INT32, 1);
	hm_buf_addz(&m.data, "abcd");
	assert_ok(repair_rpm_header(&cx, end_header(&cx, &m), &h));
	assert_ok(repair_rpm_index(&cx, &h, row_of("Group"), false, to));
	assert_ok(repair_rpm_index(&cx, &h, row_of("Installtid"), false, to));
	assert_ok(repair_rpm_index(&cx, &h, row_of("Installtid"), true, to));
	assert_strz(hm_buf_str(&got), "Unknown/0;dcba/0;abcd/0;");
}

/* ------------------------------------------------------------------ capabilities */

static const struct capability_case {
	const char *label, *text, *want; /* hex; "": unreadable */
} capabilities[] = {
	{ "permitted", "cap_net_raw=p", "0000000200200000000000000000000000000000" },
	{ "and effective", "cap_net_raw=ep", "0100000200200000000000000000000000000000" },
	{ "added", "cap_net_raw+ep", "0100000200200000000000000000000000000000" },
	{ "two", "cap_net_admin,cap_net_raw=ep", "0100000200300000000000000000000000000000" },
	{ "inheritable", "cap_chown=i", "0000000200000000010000000000000000000000" },
	{ "beyond 31", "cap_checkpoint_restore=p", "0000000200000000000000000001000000000000" },
	{ "an empty one before it", "= cap_chown+p", "0000000201000000000000000000000000000000" },
	{ "taken away", "cap_chown,cap_kill=p cap_kill-p",
	  "0000000201000000000000000000000000000000" },
	{ "effective of some alone", "cap_chown=ep cap_kill=p", "" },
	{ "no name", "cap_nonsense=p", "" },
	{ "no operator", "cap_chown", "" },
	{ "no flag", "cap_chown=x", "" },
};

static void capability(void **state)
{
	const struct capability_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str bytes = HM_STR("");
	if (!repair_capability(&cx, hm_cstr(t->text), &bytes))
		bytes = HM_STR("");
	assert_strz(hm_hex(&cx, bytes), t->want);
}

/* ------------------------------------------------------------------ scripts */

static const struct script_case {
	const char *label, *program, *body;
	unsigned count;
	const char *want; /* "unknown", or what was done and how many effects; see below */
} scripts[] = {
	{ "nothing", "/bin/sh", "exit 0", 2, "0" },
	{ "ldconfig alone", "/sbin/ldconfig", "", 2,
	  "ldconfig: libraries are found without its cache;0" },
	{ "a branch of an installation", "/bin/sh", "if [ $1 -eq 1 ]; then nobody-knows; fi", 2,
	  "0" },
	{ "a branch of an upgrade", "/bin/sh", "if [ $1 -eq 2 ]; then nobody-knows; fi", 2,
	  "unknown" },
	{ "a branch that is perhaps taken", "/bin/sh", "if [ $1 -eq 1 ]; then nobody-knows; fi",
	  RPM_COUNT_UNKNOWN, "unknown" },
	{ "a service", "/bin/sh", "systemctl restart x >/dev/null 2>&1 || :", 2,
	  "services: none runs in an image;0" },
	{ "systemd's helper", "/bin/sh",
	  "if [ $1 -ge 1 ] && [ -x /usr/lib/systemd/systemd-update-helper ]; then\n"
	  "/usr/lib/systemd/systemd-update-helper mark-restart-system-units a.service || :\nfi",
	  1, "0" },
	{ "a user that is there", "/bin/sh", "getent passwd root >/dev/null || useradd root", 2,
	  "0" },
	{ "a user that is not", "/bin/sh", "getent passwd other >/dev/null || useradd other", 2,
	  "unknown" },
	{ "a group that is made again", "/bin/sh", "groupadd -r mail 2>/dev/null || :", 2, "0" },
	{ "an alternative that is there", "/bin/sh",
	  "alternatives --install /usr/bin/x x /usr/bin/x-1 10", 2, "alternatives: as they are;0" },
	{ "and one that leads elsewhere", "/bin/sh",
	  "alternatives --install /usr/bin/x x /usr/bin/x-2 10", 2, "unknown" },
	{ "a file", "/bin/bash", "echo x >/etc/x", 2, "1" },
	{ "set -e of the program", "/bin/sh -e", "false; exit 0", 2, "unknown" },
	{ "and without it", "/bin/sh", "false; exit 0", 2, "0" },
	{ "labels", "/bin/sh", "selinuxenabled && nobody-knows; restorecon -R /etc", 2,
	  "SELinux: labels are not an image's;0" },
	{ "Lua", "<lua>", "posix.mkdir('/x')", 2, "unknown" },
	{ "Lua of systemd", "<lua>",
	  "-- a\nif posix.access(\"/run/systemd/system\") then\n    x()\nend\n", 2,
	  "services: none runs in an image;0" },
	{ "Lua with more than that", "<lua>",
	  "if posix.access(\"/run/systemd/system\") then\n    x()\nend\ny()\n", 2, "unknown" },
	{ "Lua that does not end", "<lua>",
	  "if posix.access(\"/run/systemd/system\") then\n    x()\n", 2, "unknown" },
	{ "another language", "/usr/bin/perl", "1;", 2, "unknown" },
	{ "what is no shell", "/bin/sh", "if", 2, "unknown" },
};

static void add_kept(struct hm_cx *cx, struct repair_root *r, const char *path, enum tar_type type,
		     const char *text)
{
	struct repair_node *n = hm_new(cx, struct repair_node, 1);
	*n = (struct repair_node){ .path = hm_cstr(path),
				   .type = type,
				   .mode = 0644,
				   .is_kept = type == TAR_FILE,
				   .link = type == TAR_SYMLINK ? hm_cstr(text) : HM_STR(""),
				   .content = hm_cstr(text) };
	hm_map_put(cx, &r->nodes, n->path, n);
}

static void script(void **state)
{
	const struct script_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF got = HM_BUF(4096);
	struct repair_root root = repair_root_new(&cx);
	struct rpm_call call = { SHELL_AFTER,         t->count,        HM_STR("x"), HM_STR("post"),
				 hm_cstr(t->program), hm_cstr(t->body) };
	struct shell sh = { 0 };
	add_kept(&cx, &root, "etc", TAR_DIR, "");
	add_kept(&cx, &root, "etc/alternatives", TAR_DIR, "");
	add_kept(&cx, &root, "etc/alternatives/x", TAR_SYMLINK, "/usr/bin/x-1");
	add_kept(&cx, &root, "etc/passwd", TAR_FILE, "root:x:0:0::/:/bin/sh\n");
	add_kept(&cx, &root, "etc/group", TAR_FILE, "mail:x:8:\n");
	assert_ok(repair_rpm_script_follow(&cx, &root, &call, &sh));
	for (size_t i = 0; i < sh.done.n && !sh.is_unknown; i++)
		hm_buf_fmt(&got, "%.*s;", HM_FMT(sh.done.p[i]));
	if (sh.is_unknown)
		hm_buf_addz(&got, "unknown");
	else
		hm_buf_fmt(&got, "%zu", sh.effects.n);
	assert_strz(hm_buf_str(&got), t->want);
}

/* No name twice, and each has a function. */
static void commands(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_map names = { 0 };
	(void)state;
	for (const struct shell_command *c = repair_rpm_commands; c->name; c++) {
		assert_false(hm_map_has(&names, hm_cstr(c->name)));
		assert_true(c->run != NULL);
		hm_map_put(&cx, &names, hm_cstr(c->name), &names);
	}
	assert_true(names.n > 10);
}

int main(void)
{
	UNIT(damaged_headers);
	UNIT_TABLE(index_of, indexes);
	UNIT(index_rows);
	UNIT(index_others);
	UNIT_TABLE(capability, capabilities);
	UNIT_TABLE(script, scripts);
	UNIT(commands);
	return unit_run("repair/rpm");
}
