/* SPDX-License-Identifier: Apache-2.0 */
/* Which base an image has, which is newer, and the image on that one. */
#include "repair/rebase.h"

#include "repair/room.h"
#include "repair/root.h"

/* ------------------------------------------------------------------ its base */

struct search {
	const struct repair_rebase *o;
	struct repair_built image, old, now;
	struct hm_strs tags;
	struct repair_rebased *out;
};

static struct hm_str tag_of(struct hm_cx *cx, struct hm_str name)
{
	struct oci_target t;
	return name.n && !oci_target_parse(cx, name, &t) ? t.tag : HM_STR("");
}

/* What is not there, or no image, is no base; a registry that does not answer is a fault. */
static hm_err forgive(hm_err err, bool *out_there)
{
	*out_there = !err;
	return err && err->code != HM_ABSENT && err->code != HM_INPUT ? err : NULL;
}

/* Of the image's own platform. */
static hm_err read_other(struct hm_cx *cx, const struct search *s, struct hm_str reference,
			 struct repair_built *out, bool *out_there)
{
	struct oci_platform platform = {
		.os = json_str(json_get(s->image.config, "os")),
		.architecture = json_str(json_get(s->image.config, "architecture")),
		.variant = json_str(json_get(s->image.config, "variant")),
	};
	struct oci_descriptor d;
	HM_TRY(forgive(oci_resolve(cx, s->o->bases, reference, &d), out_there));
	if (*out_there)
		HM_TRY(forgive(repair_built_read(cx, s->o->bases, &d, &platform, out), out_there));
	*out_there = *out_there &&
		     hm_eq(json_str(json_get(out->config, "architecture")), platform.architecture);
	return NULL;
}

/* As its manifest says. */
static hm_err find_named(struct hm_cx *cx, struct search *s)
{
	bool there;
	const struct oci_annotations *a = &s->image.m.annotations;
	struct hm_str digest = oci_annotation_get(a, OCI_BASE_DIGEST);
	struct hm_str tag = tag_of(cx, oci_annotation_get(a, OCI_BASE_NAME));
	if (!digest.n || !tag.n)
		return NULL;
	HM_TRY(read_other(cx, s, digest, &s->old, &there));
	if (there && repair_built_on(&s->image, &s->old))
		s->out->was = tag;
	return NULL;
}

/* The tag with the most layers of it. */
static hm_err find_by_layers(struct hm_cx *cx, struct search *s)
{
	size_t most = 0;
	bool there;
	for (size_t i = 0; i < s->tags.n && i < HM_MAX_BASE_TAGS; i++) {
		struct repair_built b = { 0 };
		if (oci_is_digest_tag(s->tags.p[i]))
			continue;
		HM_TRY(read_other(cx, s, s->tags.p[i], &b, &there));
		size_t n = there && !hm_eq(b.d.digest, s->image.d.digest)
				   ? repair_built_on(&s->image, &b)
				   : 0;
		if (n <= most)
			continue;
		most = n;
		s->old = b;
		s->out->was = s->tags.p[i];
	}
	return NULL;
}

/* ------------------------------------------------------------------ a newer one */

struct version {
	uint64_t parts[4];
	struct hm_str end; /* "-slim" */
};

/* "12.4-slim", "v1.2"; at most four numbers. */
static bool read_version(struct hm_str tag, struct version *out)
{
	size_t n = 0;
	*out = (struct version){ 0 };
	if (hm_starts(tag, HM_STR("v")))
		tag = hm_from(tag, 1);
	while (n < HM_LEN(out->parts) && tag.n && hm_is_digit(tag.p[0])) {
		size_t digits = 0;
		while (digits < tag.n && hm_is_digit(tag.p[digits]))
			digits++;
		if (!hm_u64(hm_sub(tag, 0, digits), UINT64_MAX, &out->parts[n++]))
			return false;
		tag = hm_from(tag, digits);
		if (tag.n < 2 || tag.p[0] != '.' || !hm_is_digit(tag.p[1]))
			break;
		tag = hm_from(tag, 1);
	}
	out->end = tag;
	return n > 0;
}

static int compare(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < HM_LEN(a->parts); i++)
		if (a->parts[i] != b->parts[i])
			return a->parts[i] < b->parts[i] ? -1 : 1;
	return 0;
}

static struct hm_str newest_tag(const struct search *s)
{
	struct version best, v;
	struct hm_str tag = s->out->was;
	if (!read_version(tag, &best))
		return tag;
	for (size_t i = 0; i < s->tags.n; i++)
		if (read_version(s->tags.p[i], &v) && hm_eq(v.end, best.end) &&
		    v.parts[0] == best.parts[0] && compare(&v, &best) > 0) {
			best = v;
			tag = s->tags.p[i];
		}
	return tag;
}

/* ------------------------------------------------------------------ may it be */

static bool is_record(struct hm_str path)
{
	static const char *const folders[] = { "var/lib/dpkg/", "lib/apk/",
					       "usr/lib/apk/",  "usr/lib/sysimage/rpm/",
					       "var/lib/rpm/",  "var/lib/rpmmanifest/" };
	for (size_t i = 0; i < HM_LEN(folders); i++)
		if (hm_starts(path, hm_cstr(folders[i])))
			return true;
	return false;
}

/* The tree, folders before what is in them. */
static const struct repair_node *next_node(const struct repair_node *n)
{
	if (n->first)
		return n->first;
	while (n && !n->next)
		n = n->parent;
	return n ? n->next : NULL;
}

/* A file that is in one of the two, or not the same in both. */
static bool has_other_records(const struct repair_root *a, const struct repair_root *b,
			      struct hm_str *out_path)
{
	for (const struct repair_node *n = a->top; n; n = next_node(n)) {
		if (n->is_gone || n->type == TAR_DIR || !is_record(n->path))
			continue;
		const struct repair_node *other = repair_root_at(b, n->path);
		if (other && other->size == n->size && hm_eq(other->content, n->content))
			continue;
		*out_path = n->path;
		return true;
	}
	return false;
}

static hm_err read_release(struct hm_cx *cx, const struct repair_root *root, struct hm_str *out)
{
	static const char *const files[] = { "etc/os-release", "usr/lib/os-release" };
	struct hm_str text = HM_STR(""), id = HM_STR(""), like = HM_STR(""), version = HM_STR("");
	bool there = false;
	for (size_t i = 0; i < HM_LEN(files) && !there; i++)
		HM_TRY(repair_root_file(cx, root, files[i], &text, &there));
	while (there && text.n) {
		struct hm_str value = hm_line(&text), key = hm_trim(hm_cut(&value, '='));
		value = hm_trim(value);
		if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\''))
			value = hm_sub(value, 1, value.n - 2);
		if (hm_eqz(key, "ID"))
			id = value;
		if (hm_eqz(key, "ID_LIKE"))
			like = value;
		if (hm_eqz(key, "VERSION_ID"))
			version = value;
	}
	/* "22.04" and "22.10" are two releases, "9.3" and "9.4" of Red Hat's family one */
	struct hm_str first = hm_cut(&version, '.'), second = hm_cut(&version, '.');
	if (hm_find(hm_fmt(cx, "%.*s %.*s", HM_FMT(id), HM_FMT(like)), HM_STR("rhel")) != SIZE_MAX)
		second = HM_STR("");
	*out = hm_fmt(cx, "%.*s %.*s%s%.*s", HM_FMT(id), HM_FMT(first), second.n ? "." : "",
		      HM_FMT(second));
	return NULL;
}

/* Is it of the image's own layers, as far as can be told without its content? */
static bool is_own(const struct repair_node *n, const struct repair_root *below)
{
	const struct repair_node *was = repair_root_at(below, n->path);
	if (!was || was->type != n->type)
		return true;
	return n->type != TAR_DIR && (was->size != n->size || was->mtime != n->mtime ||
				      was->mode != n->mode || !hm_eq(was->link, n->link));
}

static bool is_folder(const struct repair_root *r, struct hm_str path)
{
	const struct repair_node *n = repair_root_at(r, path);
	return !path.n || (n && n->type == TAR_DIR);
}

struct sight {
	struct repair_root whole, below, now;
};

/* A link into what the old base had; one that leads nowhere did so before. */
static bool is_broken(struct hm_cx *cx, const struct sight *v, const struct repair_node *n)
{
	struct hm_str at;
	if (repair_root_target(cx, &v->whole, n->path, &at))
		return false;
	const struct repair_node *to = repair_root_at(&v->whole, at);
	if (!to || is_own(to, &v->below))
		return false;
	return repair_root_target(cx, &v->now, at, &at) || (at.n && !repair_root_at(&v->now, at));
}

/* The first of its own that has no place on the new base: its folder went with the old one (a
 * program's own folder of modules has its version in its name), or is a link now. */
static struct hm_str find_misfit(struct hm_cx *cx, const struct sight *v)
{
	for (const struct repair_node *n = next_node(v->whole.top); n; n = next_node(n)) {
		struct hm_mark mark = hm_mark(cx);
		struct hm_str dir = hm_dirname(n->path);
		if (n->is_gone || !is_own(n, &v->below))
			continue;
		bool broken = n->type == TAR_SYMLINK && is_broken(cx, v, n);
		hm_release(cx, mark);
		const struct repair_node *then = repair_root_at(&v->now, n->path);
		bool moved = is_folder(&v->below, dir) && !is_folder(&v->now, dir);
		if (broken || moved || (then && (then->type == TAR_DIR) != (n->type == TAR_DIR)))
			return n->path;
	}
	return HM_STR("");
}

static hm_err check(struct hm_cx *cx, struct search *s)
{
	struct sight v;
	struct hm_str path, was, is;
	struct inventory_kept kept = s->o->kept;
	struct repair_root_of whole = { s->o->from, &s->image.m, s->image.m.layers_n, false, kept },
			      below = { s->o->from, &s->image.m, s->old.m.layers_n, false, kept },
			      now = { s->o->bases, &s->now.m, s->now.m.layers_n, false, kept };
	HM_TRY(repair_root_read(cx, &whole, &v.whole));
	HM_TRY(repair_root_read(cx, &below, &v.below));
	HM_TRY_IN(cx, repair_root_read(cx, &now, &v.now), "\"%.*s\"", HM_FMT(s->out->is));
	if (has_other_records(&v.whole, &v.below, &path) ||
	    has_other_records(&v.below, &v.whole, &path)) {
		s->out->why = hm_fmt(cx,
				     "its own layers change what the package manager keeps "
				     "(\"%.*s\"): it must be built anew",
				     HM_FMT(path));
		return NULL;
	}
	HM_TRY(read_release(cx, &v.whole, &was));
	HM_TRY(read_release(cx, &v.now, &is));
	if (!hm_eq(was, is)) {
		s->out->why = hm_fmt(cx, "\"%.*s\" is of another release: %.*s, not %.*s",
				     HM_FMT(s->out->is), HM_FMT(is), HM_FMT(was));
		return NULL;
	}
	path = find_misfit(cx, &v);
	if (path.n)
		s->out->why = hm_fmt(cx,
				     "its own \"/%.*s\" does not fit \"%.*s\", which lacks what it "
				     "stands in or leads to: it must be built anew",
				     HM_FMT(path), HM_FMT(s->out->is));
	return NULL;
}

/* ------------------------------------------------------------------ the image */

static hm_err push(struct hm_cx *cx, struct search *s)
{
	struct oci_manifest m = s->image.m;
	size_t own = m.layers_n - s->old.m.layers_n, below = s->now.m.layers_n;
	struct oci_descriptor *layers = hm_new(cx, struct oci_descriptor, below + own);
	struct hm_str config, bytes;
	HM_TRY(repair_rebased_config(cx, &s->image, &s->old, &s->now, &config));
	memcpy(layers, s->now.m.layers, below * sizeof(*layers));
	memcpy(layers + below, m.layers + s->old.m.layers_n, own * sizeof(*layers));
	HM_TRY(oci_copy_blobs(cx, s->o->bases, layers, below, s->o->to, NULL));
	HM_TRY(oci_copy_blobs(cx, s->o->from, layers + below, own, s->o->to, NULL));
	m.layers = layers;
	m.layers_n = below + own;
	m.config.digest = crypto_digest_text(cx, CRYPTO_SHA256, config);
	m.config.size = config.n;
	m.config.data = HM_STR("");
	HM_TRY(oci_push_bytes(cx, s->o->to, &m.config, config));
	m.annotations = (struct oci_annotations){ 0 };
	for (size_t i = 0; i < s->image.m.annotations.n; i++)
		*hm_push(cx, &m.annotations) = s->image.m.annotations.p[i];
	if (!hm_eqz(m.media_type, DOCKER_MANIFEST)) {
		repair_annotate(cx, &m.annotations, OCI_BASE_DIGEST, s->now.d.digest);
		repair_annotate(cx, &m.annotations, OCI_BASE_NAME,
				hm_fmt(cx, "%.*s:%.*s", HM_FMT(s->o->name), HM_FMT(s->out->is)));
	}
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	return oci_push_child(cx, s->o->to, bytes, m.media_type, &s->out->image);
}

hm_err repair_rebase(struct hm_cx *cx, const struct repair_rebase *o, struct repair_rebased *out)
{
	struct search s = { .o = o, .out = out };
	bool there;
	*out = (struct repair_rebased){ 0 };
	HM_TRY(repair_built_read(cx, o->from, o->image, NULL, &s.image));
	HM_TRY_IN(cx, oci_tags(cx, o->bases, &s.tags), "\"%.*s\"", HM_FMT(o->name));
	HM_TRY(find_named(cx, &s));
	if (!out->was.n)
		HM_TRY(find_by_layers(cx, &s));
	if (!out->was.n) {
		out->why = hm_fmt(cx, "no image of \"%.*s\" is its base", HM_FMT(o->name));
		return NULL;
	}
	out->is = newest_tag(&s);
	HM_TRY(read_other(cx, &s, out->is, &s.now, &there));
	if (!there || hm_eq(s.now.d.digest, s.old.d.digest)) {
		out->why = hm_fmt(cx, "its base \"%.*s\" is the newest there is", HM_FMT(out->was));
		return NULL;
	}
	out->base = s.now.d.digest;
	HM_TRY(check(cx, &s));
	return out->why.n ? NULL : push(cx, &s);
}
