/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody means by a name. */
#include "graph/questions/ask.h"
#include "oci/oci.h"

enum { NODE_DIGITS = 18, LIKE_MAX = 5000 };

struct naming {
	struct graph_ask *a;
	uint64_t kinds;
	struct graph_ids seen;
	struct graph_nodes *out;
};

static hm_err keep(struct naming *n, int64_t id)
{
	struct graph_node node;
	bool is_new;
	HM_TRY(graph_ask_node(n->a, id, &node));
	if (node.kind == GRAPH_NO_NOUN || !(n->kinds >> node.kind & 1))
		return NULL;
	(void)graph_ids_slot(n->a->cx, &n->seen, id, &is_new);
	if (is_new && n->out->n >= HM_MAX_GRAPH_ROWS)
		n->a->cut = GRAPH_CUT_ROWS;
	else if (is_new)
		*hm_push(n->a->cx, n->out) = node;
	return NULL;
}

/* Keys that may be meant. A server is asked for all of them at once. */
struct keys {
	struct graph_noun *p;
	size_t n, cap;
};

static void add_key(const struct naming *n, struct keys *keys, enum graph_noun_kind kind,
		    struct hm_str key)
{
	if ((n->kinds >> kind & 1) && key.n && key.n <= HM_MAX_GRAPH_KEY)
		*hm_push(n->a->cx, keys) = (struct graph_noun){ kind, 0, key };
}

/* Their numbers; what was found need not be read again. */
static hm_err find_keys(const struct naming *n, const struct keys *keys, const int64_t **out)
{
	if (keys->n)
		HM_TRY(graph_find_all(n->a->cx, n->a->use, keys->p, keys->n, out));
	for (size_t i = 0; i < keys->n; i++)
		if ((*out)[i] && !graph_ids_get(&n->a->nodes, (*out)[i]))
			graph_ask_keep_node(n->a, (*out)[i], (int64_t)keys->p[i].kind,
					    keys->p[i].key);
	return NULL;
}

static hm_err keep_keys(struct naming *n, const struct keys *keys)
{
	const int64_t *ids = NULL;
	HM_TRY(find_keys(n, keys, &ids));
	for (size_t i = 0; i < keys->n; i++)
		if (ids[i])
			HM_TRY(keep(n, ids[i]));
	return NULL;
}

/* ------------------------------------------------------------------ purls */

/* What stands behind '?'; "#subpath" is taken off. */
static struct hm_str qualifiers_of(struct hm_str key, struct hm_str *out_subpath)
{
	struct hm_str all, rest;
	*out_subpath = key;
	all = hm_cut(out_subpath, '#');
	rest = all;
	(void)hm_cut(&rest, '?');
	return rest;
}

/* Has a package all qualifiers that are asked for, and the subpath? */
static bool has_qualifiers(struct hm_str asked, struct hm_str key)
{
	struct hm_str subpath, own, want = qualifiers_of(asked, &subpath);
	struct hm_str all = qualifiers_of(key, &own);
	if (subpath.n && !hm_eq(subpath, own))
		return false;
	while (want.n) {
		struct hm_str one = hm_cut(&want, '&'), have = all;
		bool is_there = false;
		while (have.n && !is_there)
			is_there = hm_eq(hm_cut(&have, '&'), one);
		if (!is_there)
			return false;
	}
	return true;
}

static hm_err keep_purl(struct naming *n, struct hm_str purl)
{
	struct hm_cx *cx = n->a->cx;
	struct graph_nodes versions = { 0 };
	struct hm_str key, name, version;
	const int64_t *ids;
	hm_err err = graph_purl(cx, purl, &key, &name);
	if (err)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "%s", err->why),
			       "a package is named by its purl: pkg:npm/lodash@4.17.20");
	version = graph_purl_version(cx, key);
	struct graph_noun both[] = { { GRAPH_PACKAGE_NAME, 0, name }, { GRAPH_PACKAGE, 0, key } };
	HM_TRY(find_keys(n, &(struct keys){ both, HM_LEN(both), HM_LEN(both) }, &ids));
	if (ids[1])
		HM_TRY(keep(n, ids[1]));
	if (!ids[0])
		return NULL;
	if (hm_eq(key, name))
		HM_TRY(keep(n, ids[0]));
	HM_TRY(graph_ask_versions(n->a, ids[0], &versions));
	for (size_t i = 0; i < versions.n; i++) {
		const struct graph_node *node = &versions.p[i];
		if (version.n && !hm_eq(version, graph_purl_version(cx, node->key)))
			continue;
		if (has_qualifiers(key, node->key))
			HM_TRY(keep(n, node->id));
	}
	return NULL;
}

/* ------------------------------------------------------------------ other keys */

/* "CVE-2021-44228": "cve/cve-2021-44228". */
static struct hm_str vulnerability_key(struct hm_cx *cx, struct hm_str name)
{
	struct hm_str lower = hm_lower(cx, name), rest = lower, type = hm_cut(&rest, '-');
	if (hm_find_char(lower, '/') != SIZE_MAX || type.n == lower.n)
		return lower;
	return hm_fmt(cx, "%.*s/%.*s", HM_FMT(type), HM_FMT(lower));
}

/* As an image is called in the graph: with registry and tag. What is no image's name is none. */
static void add_image(const struct naming *n, struct keys *keys, struct hm_str name)
{
	struct hm_cx *cx = n->a->cx;
	struct oci_target t;
	if (name.n > HM_MAX_REFERENCE || oci_target_parse(cx, name, &t) || t.kind != OCI_REGISTRY)
		return;
	struct hm_str repository =
		hm_fmt(cx, "%.*s/%.*s", HM_FMT(t.registry), HM_FMT(t.repository));
	if (t.digest.n)
		add_key(n, keys, GRAPH_ARTIFACT, t.digest);
	else
		add_key(n, keys, GRAPH_IMAGE,
			t.tag.n ? hm_fmt(cx, "%.*s:%.*s", HM_FMT(repository), HM_FMT(t.tag))
				: hm_fmt(cx, "%.*s:latest", HM_FMT(repository)));
}

static hm_err keep_exact(struct naming *n, struct hm_str name)
{
	struct hm_cx *cx = n->a->cx;
	struct hm_str lower = hm_lower(cx, name);
	struct keys keys = { 0 };
	for (int kind = 1; kind < GRAPH_NOUN_KINDS; kind++)
		if (kind != GRAPH_TEXT)
			add_key(n, &keys, (enum graph_noun_kind)kind, name);
	add_key(n, &keys, GRAPH_ARTIFACT, lower);
	add_key(n, &keys, GRAPH_VULNERABILITY, vulnerability_key(cx, name));
	add_key(n, &keys, GRAPH_VULNERABILITY, hm_fmt(cx, "osv/%.*s", HM_FMT(lower)));
	add_key(n, &keys, GRAPH_IDENTITY, hm_fmt(cx, "key:%.*s", HM_FMT(lower)));
	add_image(n, &keys, name);
	return keep_keys(n, &keys);
}

/* ------------------------------------------------------------------ parts of keys */

static bool is_of_word(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || (uint8_t)c >= 0x80;
}

/* Does the key have the name in it, and no word cut in two? */
static bool has_name(struct hm_str key, struct hm_str name)
{
	for (size_t from = 0; from + name.n <= key.n;) {
		size_t at = hm_find(hm_from(key, from), name);
		if (at == SIZE_MAX)
			return false;
		at += from;
		size_t end = at + name.n;
		if ((!at || !is_of_word(key.p[at - 1])) &&
		    (end == key.n || !is_of_word(key.p[end])))
			return true;
		from = at + 1;
	}
	return false;
}

/* Its longest word. */
static struct hm_str main_word(struct hm_str lower)
{
	struct hm_str best = { "", 0 };
	for (size_t at = 0, end; at < lower.n; at = end + 1) {
		for (end = at; end < lower.n && is_of_word(lower.p[end]);)
			end++;
		if (end - at > best.n)
			best = hm_sub(lower, at, end - at);
	}
	return best;
}

/* A licence without its list, an identity by its subject, a repository without its commit. */
static hm_err keep_part(struct naming *n, struct hm_str name)
{
	static const uint64_t whole = 1u << GRAPH_TEXT | 1u << GRAPH_PACKAGE |
				      1u << GRAPH_PACKAGE_NAME | 1u << GRAPH_ARTIFACT |
				      1u << GRAPH_VULNERABILITY;
	struct hm_cx *cx = n->a->cx;
	struct hm_str lower = hm_lower(cx, name);
	struct graph_numbers ids = { 0 };
	HM_TRY(graph_ask_numbers(n->a, "SELECT node FROM word WHERE word = $1 LIMIT $2",
				 STORE_VALUES(store_text(main_word(lower)), store_int(LIKE_MAX)),
				 &ids));
	for (size_t i = 0; i < ids.n; i++) {
		struct graph_node node;
		HM_TRY(graph_ask_node(n->a, ids.p[i], &node));
		if (!(whole >> node.kind & 1) && has_name(hm_lower(cx, node.key), lower))
			HM_TRY(keep(n, node.id));
	}
	return NULL;
}

/* ------------------------------------------------------------------ the whole */

hm_err graph_ask_name(struct graph_ask *a, struct hm_str name, uint64_t kinds,
		      struct graph_nodes *out)
{
	struct naming n = { .a = a, .kinds = kinds ? kinds : UINT64_MAX, .out = out };
	struct hm_str text = hm_trim(name);
	uint64_t id;
	if (!text.n)
		return hm_fail(a->cx, HM_USAGE, "a name is empty");
	if (text.n > HM_MAX_GRAPH_KEY || !hm_is_utf8(text) || hm_has_control(text))
		return hm_fail(a->cx, HM_USAGE, "\"%.*s\" is not a name",
			       HM_FMT(hm_sub(text, 0, 64)));
	if (hm_starts(text, HM_STR("pkg:")))
		return keep_purl(&n, text);
	if (text.n <= NODE_DIGITS && hm_u64(text, INT64_MAX, &id) && id)
		HM_TRY(keep(&n, (int64_t)id));
	if (!out->n)
		HM_TRY(keep_exact(&n, text));
	return out->n ? NULL : keep_part(&n, text);
}
