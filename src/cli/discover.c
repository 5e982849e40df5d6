/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/built.h"
#include "cli/ship.h"

/* HM_MAX_REFERRERS_DEPTH is no constant expression; walk() keeps to it. */
enum { TREE_DEPTH = 64 };

struct discover {
	const char *artifact_type, *platform, *spec, *template;
	struct hm_strs output;
	uint64_t depth; /* 0: all the way */
	bool layout;
};

/* Referrers in the order in which a tree is printed: each before those that refer to it. */
struct found {
	struct oci_descriptor d;
	unsigned depth;
	bool last; /* of those that refer to the same subject */
};

struct tree {
	struct found *p;
	size_t n, cap;
	size_t unread;            /* entries of lists that cannot be read */
	struct hm_str unread_why; /* the first list's */
};

static void note_unread(struct hm_cx *cx, const struct oci_referrer_list *list, struct tree *out)
{
	if (!out->unread)
		out->unread_why = oci_unread_text(cx, list);
	out->unread += list->unread;
}

/* A list that lies can claim a loop: what was seen is not walked again. */
static hm_err walk_referrers(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *root, const struct discover *o,
			     struct tree *out)
{
	struct tree stack = { 0 };
	struct hm_map seen = { 0 };
	*hm_push(cx, &stack) = (struct found){ .d = *root, .last = true };
	hm_map_put(cx, &seen, root->digest, out);
	while (stack.n) {
		struct found at = stack.p[--stack.n];
		struct oci_referrer_list all;
		*hm_push(cx, out) = at;
		if (out->n > HM_MAX_REFERRERS)
			return hm_fail(cx, HM_LIMIT, "more than %llu referrers",
				       (unsigned long long)HM_MAX_REFERRERS);
		if (o->depth && at.depth >= o->depth)
			continue;
		struct hm_str type = hm_cstr(at.depth ? NULL : o->artifact_type);
		HM_TRY(oci_referrers(cx, p, &at.d, type, &all));
		note_unread(cx, &all, out);
		if (all.n && at.depth >= HM_MAX_REFERRERS_DEPTH)
			return hm_fail(cx, HM_LIMIT, "referrers of referrers, deeper than %llu",
				       (unsigned long long)HM_MAX_REFERRERS_DEPTH);
		bool last = true;
		for (size_t i = all.n; i > 0; i--) {
			struct oci_descriptor *d = &all.p[i - 1];
			if (hm_map_has(&seen, d->digest))
				continue;
			hm_map_put(cx, &seen, d->digest, out);
			*hm_push(cx, &stack) = (struct found){ *d, at.depth + 1, last };
			last = false;
		}
	}
	return NULL;
}

/* Of distribution-spec, "Pulling manifests". */
enum { LONGEST_TAG = 128 };

/* BuildKit's attestation manifests are entries of an index, and need not say what they are. */
static hm_err add_built(struct hm_cx *cx, struct oci_place *p, const struct discover *o,
			struct tree *with)
{
	struct cli_built_manifest *m;
	size_t n;
	if (o->artifact_type && strcmp(o->artifact_type, CLI_BUILT_TYPE) != 0)
		return NULL;
	HM_TRY(cli_built_entries(cx, p, &with->p[0].d, &m, &n));
	for (size_t i = 0; i < n; i++)
		*hm_push(cx, with) = (struct found){ .d = m[i].descriptor, .depth = 1 };
	return NULL;
}

/* What Cosign keeps under tags that are made of the image's digest is shown first, by the types
 * that it has for the same among referrers. */
static hm_err add_tagged(struct hm_cx *cx, struct oci_place *p, const struct discover *o,
			 struct tree *tree)
{
	static const struct {
		const char *tag, *type;
	} kinds[] = { { "sig", "application/vnd.dev.cosign.artifact.sig.v1+json" },
		      { "att", "application/vnd.dev.cosign.artifact.att.v1+json" },
		      { "sbom", "application/vnd.dev.cosign.artifact.sbom.v1+json" } };
	struct tree with = { 0 };
	struct hm_str subject = tree->p[0].d.digest, hex = subject, alg = hm_cut(&hex, ':');
	*hm_push(cx, &with) = tree->p[0];
	for (size_t i = 0; i < HM_LEN(kinds); i++) {
		struct oci_descriptor d;
		if (o->artifact_type && strcmp(o->artifact_type, kinds[i].type) != 0)
			continue;
		struct hm_str tag =
			hm_fmt(cx, "%.*s-%.*s.%s", HM_FMT(alg), HM_FMT(hex), kinds[i].tag);
		if (tag.n > LONGEST_TAG) /* of SHA-512 */
			continue;
		hm_err err = oci_resolve(cx, p, tag, &d);
		if (err && err->code == HM_ABSENT)
			continue;
		HM_TRY(err);
		if (hm_eq(d.digest, subject)) /* as some registries answer for such tags */
			continue;
		d.artifact_type = hm_cstr(kinds[i].type);
		*hm_push(cx, &with) = (struct found){ .d = d, .depth = 1 };
	}
	HM_TRY(add_built(cx, p, o, &with));
	if (with.n > 1 && tree->n == 1)
		with.p[with.n - 1].last = true;
	for (size_t i = 1; i < tree->n; i++)
		*hm_push(cx, &with) = tree->p[i];
	with.unread = tree->unread;
	with.unread_why = tree->unread_why;
	*tree = with;
	return NULL;
}

struct discovered {
	struct oci_target target;
	struct tree tree;
	bool layout; /* --oci-layout */
};

static hm_err write_tree(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *b)
{
	const struct discovered *found = data;
	const struct tree *tree = &found->tree;
	bool open[TREE_DEPTH] = { 0 }; /* at each depth: more is to come */
	(void)format;
	hm_buf_add(b, oci_target_with_digest(cx, &found->target, tree->p[0].d.digest));
	hm_buf_char(b, '\n');
	for (size_t i = 1; i < tree->n; i++) {
		const struct found *f = &tree->p[i];
		for (unsigned k = 1; k < f->depth && k < TREE_DEPTH; k++)
			hm_buf_addz(b, open[k] ? "│   " : "    ");
		if (f->depth < TREE_DEPTH)
			open[f->depth] = !f->last;
		hm_buf_addz(b, f->last ? "└── " : "├── ");
		hm_buf_safe(b, f->d.artifact_type);
		hm_buf_fmt(b, "  %.*s\n", HM_FMT(f->d.digest));
	}
	return NULL;
}

/* Each member holds those that refer to it; the outermost is open already. `layout`: references as
 * ORAS writes them. */
static void put_tree(struct hm_cx *cx, const struct discovered *found, bool layout,
		     struct json_out *o)
{
	const struct tree *tree = &found->tree;
	for (size_t i = 0; i < tree->n; i++) {
		const struct found *f = &tree->p[i];
		unsigned next = i + 1 < tree->n ? tree->p[i + 1].depth : 0;
		if (f->depth)
			json_open(o, NULL, '{');
		cli_ship_put(cx, o, &found->target, layout, &f->d);
		json_open(o, "referrers", '[');
		for (unsigned depth = f->depth + 1; depth > next; depth--) {
			json_close(o, ']');
			if (depth > 1)
				json_close(o, '}');
		}
	}
}

static void describe_tree(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct discovered *found = data;
	put_tree(cx, found, false, o);
	json_put_int(o, "unread", (int64_t)found->tree.unread);
}

static hm_err describe_plain(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct discovered *found = data;
	put_tree(cx, found, found->layout, o);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.discover/1",
	.describe = describe_tree,
	.describe_plain = describe_plain,
	.write = write_tree,
	.list = "referrers",
	.columns = (const struct cli_column[]){ { "ARTIFACT TYPE", "artifactType" },
						{ "DIGEST", "digest" },
						{ "SIZE", "size" },
						{ 0 } },
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct discover *o = opts;
	struct cli_outputs outputs;
	struct hm_strs given;
	struct oci_descriptor d;
	struct discovered found = { .layout = o->layout };
	OCI_AUTO_PLACE p = NULL;
	(void)args_n;
	HM_TRY(cli_with_template(cx, &o->output, o->template, &given));
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &given, &outputs));
	HM_TRY(cli_ship_spec(cx, "distribution-spec", o->spec, &cli->access.referrers_tag));
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_READ,
			     &found.target, &p));
	HM_TRY(cli_ship_resolve(cx, p, o->platform, &d));
	HM_TRY_IN(cx, walk_referrers(cx, p, &d, o, &found.tree), "\"%s\"", args[0]);
	HM_TRY_IN(cx, add_tagged(cx, p, o, &found.tree), "\"%s\"", args[0]);
	if (found.tree.unread)
		hm_log(cx, HM_LOG_WARN, "there may be more than what is shown", "why",
		       hm_dupz(cx, found.tree.unread_why), NULL);
	return cli_answer_write(cx, &outputs, &answer, &found);
}

extern const struct cli_command cli_discover;
const struct cli_command cli_discover = {
	.name = "discover",
	.group = "Shipping",
	.args = "REF",
	.help = "show what refers to an image: signatures, SBOMs, reports, attestations",
	.about =
		"Asks the referrers API of the registry, else reads the fallback tag. A tree shows what refers\n"
		"to what refers to the image; -o table only what refers to the image itself. What Cosign keeps under\n"
		"tags (.sig, .att, .sbom) is shown as the artifact type that it has for the same among referrers,\n"
		"and the attestation manifests that BuildKit puts into an index as it types them where they refer to an image.\n"
		"\n"
		"The JSON (hullmark.discover/1) is the image: \"reference\", \"mediaType\", \"digest\", \"size\",\n"
		"\"artifactType\", \"annotations\", and \"referrers\", each with the same members; and \"unread\", the\n"
		"number of entries of the registry's lists that cannot be read.",
	.examples =
		"  $ hullmark discover registry.example.com/shop/web:1\n"
		"  $ hullmark discover oci:out:v1 --artifact-type application/spdx+json -o json",
	.formats = CLI_AS_TREE | CLI_AS_ANSWER | CLI_AS_TEMPLATE,
	.opts_size = sizeof(struct discover),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(discover, artifact_type, "artifact-type", CLI_TEXT, 0, "TYPE",
			"only artifacts of this type"),
		CLI_OPT(discover, depth, "depth", CLI_NUMBER, 0, "N",
			"how many levels of referrers to show; default: all"),
		CLI_SHIP_SPEC(discover, spec),
		CLI_FORMAT(discover, output),
		CLI_OPT(discover, layout, "oci-layout", CLI_FLAG, 0, NULL,
			"the target is the path of an OCI layout: the same as oci:PATH"),
		CLI_OUTPUT(discover, output),
		CLI_OPT(discover, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"of the image of one platform"),
		CLI_TEMPLATE(discover, template),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
