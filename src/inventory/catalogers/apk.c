/* SPDX-License-Identifier: Apache-2.0 */
/* Installed Alpine packages. Source: apk-package(5) and the installed database of apk-tools 2 and
 * 3: one letter, ':', a value; an empty line ends a package. */
#include "inventory/catalogers/common.h"

/* "so:libc.musl-x86_64.so.1", "cmd:busybox=1.36.1-r2", "!conflict", "python3<3.12": the name. */
static void add_names(struct hm_cx *cx, struct hm_strs *list, struct hm_str value)
{
	while (value.n) {
		struct hm_str word = hm_cut(&value, ' ');
		size_t n = 0;
		while (n < word.n && !memchr("<>=~@", word.p[n], 5))
			n++;
		if (n && word.p[0] != '!')
			inventory_list_add(cx, list, hm_sub(word, 0, n));
	}
}

struct reader {
	struct inventory_component c;
	struct hm_str folder;
	bool has_files;
};

/* C: is "Q1" and the SHA-1 of the control part in base64: of no use as a hash of the package. */
static void read_field(struct hm_cx *cx, struct reader *r, char key, struct hm_str value)
{
	struct inventory_component *c = &r->c;
	switch (key) {
	case 'P':
		c->name = value;
		break;
	case 'V':
		c->version = value;
		break;
	case 'A':
		c->arch = value;
		break;
	case 'o':
		c->source_name = value;
		break;
	case 'L':
		inventory_list_add(cx, &c->licenses, value);
		break;
	case 'm':
		c->supplier = value;
		break;
	case 'U':
		c->homepage = value;
		break;
	case 'T':
		c->description = value;
		break;
	case 'D':
		add_names(cx, &c->depends, value);
		break;
	case 'p':
		add_names(cx, &c->provides, value);
		break;
	default:
		break;
	}
}

static hm_err end_package(struct hm_cx *cx, struct reader *r, struct inventory_builder *b)
{
	struct inventory_component *c = &r->c;
	if (!c->name.n)
		return NULL;
	if (!c->version.n)
		return inventory_add_unknown(cx, b, HM_STR(""),
					     hm_fmt(cx, "apk: package \"%.*s\" has no version",
						    HM_FMT(c->name)));
	if (!c->source_name.n)
		c->source_name = c->name;
	c->source_version = c->version;
	c->type = HM_STR("apk");
	return inventory_add(cx, b, c);
}

static hm_err read_line(struct hm_cx *cx, struct reader *r, struct hm_str line,
			struct inventory_builder *b)
{
	if (line.n < 2 || line.p[1] != ':')
		return hm_fail(cx, HM_INPUT, "apk: \"%.*s\" is not a field",
			       HM_FMT(hm_sub(line, 0, 80)));
	struct hm_str value = hm_from(line, 2);
	if (line.p[0] == 'F') {
		r->folder = value;
	} else if (line.p[0] == 'R' && r->c.name.n) {
		struct hm_mark mark = hm_mark(cx);
		struct hm_str path =
			r->folder.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(r->folder), HM_FMT(value))
				    : value;
		HM_TRY(inventory_add_owned(cx, b, "apk", r->c.name, HM_STR(""), path));
		hm_release(cx, mark);
	} else {
		read_field(cx, r, line.p[0], value);
	}
	return NULL;
}

INVENTORY_PARSE(apk)
{
	struct reader r = { 0 };
	struct hm_str text = file->bytes;
	struct hm_mark mark = hm_mark(cx);
	for (size_t number = 1; text.n; number++) {
		struct hm_str line = hm_line(&text);
		if (line.n) {
			HM_TRY_IN(cx, read_line(cx, &r, line, b), "line %zu", number);
			continue;
		}
		HM_TRY(hm_alive(cx));
		HM_TRY(end_package(cx, &r, b));
		hm_release(cx, mark);
		r = (struct reader){ 0 };
	}
	return end_package(cx, &r, b);
}
