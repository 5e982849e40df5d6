/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ubuntu's packages of which chisel took slices: manifest.wall, a zstd stream of JSON objects, one
 * a line, the first of which says how many there are. Source: "Chisel manifest" of Chisel's
 * documentation, and its internal/jsonwall.
 */
#include "codec/json.h"
#include "codec/stream.h"
#include "inventory/catalogers/common.h"

static hm_err unpack_manifest(struct hm_cx *cx, struct hm_str packed, struct hm_str *out)
{
	HM_AUTO_BUF all = HM_BUF(HM_MAX_CHISEL);
	STREAM_AUTO s = { 0 };
	size_t n, size = 128 * HM_KIB;
	if (!hm_starts(packed, zstd_format.magic))
		return hm_fail(cx, HM_INPUT, "this is not a zstd stream");
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_str, &packed }, &s));
	char *room = hm_new(cx, char, size);
	do {
		HM_TRY(stream_read(cx, &s, room, size, &n));
		hm_buf_add(&all, hm_bytes(room, n));
	} while (n == size && !all.over);
	if (all.over)
		return hm_fail(cx, HM_LIMIT, "it has more than %llu bytes",
			       (unsigned long long)HM_MAX_CHISEL);
	HM_TRY(hm_charge(cx, all.n));
	*out = hm_dup(cx, hm_buf_str(&all));
	return NULL;
}

static hm_err check_head(struct hm_cx *cx, struct hm_str line, size_t lines)
{
	struct json head;
	struct hm_str version, schema;
	int64_t count;
	HM_TRY(json_parse(cx, line, JSON_NO_DUPLICATES, &head));
	HM_TRY(json_need_str(cx, head, "jsonwall", &version));
	HM_TRY(json_need_str(cx, head, "schema", &schema));
	HM_TRY(json_need_int(cx, head, "count", &count));
	if (!hm_starts(version, HM_STR("1.")) || !hm_starts(schema, HM_STR("1.")))
		return hm_fail(cx, HM_INPUT, "version \"%.*s\" of it is not supported",
			       HM_FMT(hm_starts(version, HM_STR("1.")) ? schema : version));
	if (count < 0 || (uint64_t)count != lines)
		return hm_fail(cx, HM_INPUT, "it has %zu lines, and should have %lld", lines,
			       (long long)count);
	return NULL;
}

static hm_err add_package(struct hm_cx *cx, struct json v, struct inventory_builder *b)
{
	struct inventory_component c = { .type = HM_STR("deb") };
	struct hm_str sha256 = json_str(json_get(v, "sha256"));
	HM_TRY(json_need_str(cx, v, "name", &c.name));
	HM_TRY(json_need_str(cx, v, "version", &c.version));
	c.arch = json_str(json_get(v, "arch"));
	if (!c.name.n || !c.version.n)
		return hm_fail(cx, HM_INPUT, "a package without name or version");
	if (sha256.n)
		*hm_push(cx, &c.hashes) = hm_fmt(cx, "sha256:%.*s", HM_FMT(sha256));
	return inventory_add(cx, b, &c);
}

/* A slice is named PACKAGE_SLICE; no package's name has a '_'. */
static hm_err add_content(struct hm_cx *cx, struct json v, struct inventory_builder *b)
{
	struct hm_str slice, path;
	HM_TRY(json_need_str(cx, v, "slice", &slice));
	HM_TRY(json_need_str(cx, v, "path", &path));
	if (hm_ends(path, HM_STR("/")))
		return NULL;
	return inventory_add_owned(cx, b, "deb", hm_cut(&slice, '_'), HM_STR(""), path);
}

static hm_err add_line(struct hm_cx *cx, struct hm_str line, struct inventory_builder *b)
{
	struct json v;
	struct hm_str kind;
	HM_TRY(json_parse(cx, line, JSON_NO_DUPLICATES, &v));
	HM_TRY(json_need_str(cx, v, "kind", &kind));
	if (hm_eqz(kind, "package"))
		return add_package(cx, v, b);
	return hm_eqz(kind, "content") ? add_content(cx, v, b) : NULL;
}

static hm_err read_wall(struct hm_cx *cx, struct hm_str packed, struct inventory_builder *b)
{
	struct hm_str text;
	size_t lines = 0;
	HM_TRY(unpack_manifest(cx, packed, &text));
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	if (text.n && text.p[text.n - 1] != '\n')
		lines++;
	HM_TRY_IN(cx, check_head(cx, hm_line(&text), lines), "line 1");
	for (size_t number = 2; text.n; number++) {
		HM_AUTO_CX one = HM_CX(HM_MAX_CHISEL); /* what a line is charged is given back */
		hm_err e = add_line(&one, hm_line(&text), b);
		if (e)
			return hm_fail(cx, e->code, "line %zu: %s", number, e->why);
		HM_TRY(hm_alive(cx));
	}
	return NULL;
}

INVENTORY_PARSE(chisel)
{
	HM_TRY_IN(cx, read_wall(cx, file->bytes, b), "chisel");
	return NULL;
}
