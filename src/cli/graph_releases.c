/* SPDX-License-Identifier: Apache-2.0 */
/* `graph contains`, `graph exposed`: which releases, by which way, and where they run. */
#include "cli/graph_question.h"

/* ------------------------------------------------------------------ a release */

static void put_release(struct hm_cx *cx, struct json_out *o, const struct graph_release *r)
{
	cli_graph_put_node(cx, o, "release", &r->release);
	if (r->images.n)
		cli_graph_put_nodes(cx, o, "images", &r->images);
	cli_graph_put_node(cx, o, "package", &r->package);
	json_put_bool(o, "direct", r->is_direct);
	if (r->path.n)
		cli_graph_put_nodes(cx, o, "path", &r->path);
	cli_graph_put_witness(cx, o, "document", r->source);
	json_put_int(o, "others", (int64_t)r->others);
	cli_graph_put_pods(cx, o, "running", &r->pods);
}

/* A tag that it has; else the image of what runs it, or the package that its SBOM says it is: a
 * digest alone tells a person nothing. */
static struct hm_str release_name(const struct graph_release *r)
{
	if (r->images.n)
		return r->images.p[0].key;
	if (r->release.kind == GRAPH_ARTIFACT && r->pods.n && r->pods.p[0].image.n)
		return r->pods.p[0].image;
	if (r->release.kind == GRAPH_ARTIFACT && r->path.n > 1 &&
	    r->path.p[0].kind == GRAPH_PACKAGE)
		return r->path.p[0].key;
	return r->release.key;
}

static struct hm_str where_text(struct hm_cx *cx, const struct graph_pods *pods)
{
	if (!pods->n)
		return HM_STR("");
	if (pods->n == 1)
		return cli_graph_pod_text(cx, &pods->p[0]);
	return hm_fmt(cx, "%.*s and %zu more", HM_FMT(cli_graph_pod_text(cx, &pods->p[0])),
		      pods->n - 1);
}

static void write_path(struct hm_cx *cx, struct hm_buf *out, const struct graph_release *r)
{
	hm_buf_addz(out, "  ");
	hm_buf_safe(out, r->release.key);
	hm_buf_addz(out, ", by ");
	hm_buf_safe(out, cli_graph_witness_text(cx, r->source));
	hm_buf_fmt(out, " (%.*s)\n", HM_FMT(r->source->digest));
	for (size_t i = 0; i < r->path.n; i++) {
		hm_buf_fmt(out, "    %s ", i ? "needs" : "has");
		hm_buf_safe(out, r->path.p[i].key);
		hm_buf_char(out, '\n');
	}
	for (size_t i = 0; i < r->pods.n; i++) {
		hm_buf_addz(out, "    runs in ");
		hm_buf_safe(out, cli_graph_pod_text(cx, &r->pods.p[i]));
		hm_buf_char(out, '\n');
	}
}

/* ------------------------------------------------------------------ graph contains */

static void describe_contains(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_releases *r = data;
	cli_graph_put_cut(o, r->cut);
	json_open(o, "releases", '[');
	for (size_t i = 0; i < r->n; i++) {
		json_open(o, NULL, '{');
		put_release(cx, o, &r->p[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
	if (r->unordered.n)
		cli_graph_put_nodes(cx, o, "unordered", &r->unordered);
}

/* Whether these are in the range, nobody knows: that must be said. */
static void write_unordered(struct hm_buf *out, const struct graph_nodes *nodes)
{
	enum { SHOWN = 5 };
	if (!nodes->n)
		return;
	hm_buf_fmt(out, "%zu more cannot be compared with the range: ", nodes->n);
	for (size_t i = 0; i < nodes->n && i < SHOWN; i++) {
		hm_buf_addz(out, i ? ", " : "");
		hm_buf_safe(out, nodes->p[i].key);
	}
	hm_buf_addz(out, nodes->n > SHOWN ? ", ...\n" : "\n");
}

static struct hm_str said_by(struct hm_cx *cx, const struct graph_release *r)
{
	struct hm_str one = cli_graph_witness_text(cx, r->source);
	return r->others ? hm_fmt(cx, "%.*s and %zu more", HM_FMT(one), r->others) : one;
}

static hm_err write_contains(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	static const char *const columns[] = { "RELEASE", "PACKAGE", "", "SAID BY", "RUNS IN" };
	const struct graph_releases *r = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < r->n; i++) {
		*hm_push(cx, &t.cells) = release_name(&r->p[i]);
		*hm_push(cx, &t.cells) = r->p[i].package.key;
		*hm_push(cx, &t.cells) =
			r->p[i].is_direct ? HM_STR("direct") : HM_STR("transitive");
		*hm_push(cx, &t.cells) = said_by(cx, &r->p[i]);
		*hm_push(cx, &t.cells) = where_text(cx, &r->p[i].pods);
	}
	cli_table_format(cx, &t, out);
	write_unordered(out, &r->unordered);
	cli_graph_write_cut(out, r->cut);
	return NULL;
}

static hm_err explain_contains(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			       struct hm_buf *out)
{
	const struct graph_releases *r = data;
	HM_TRY(write_contains(cx, data, format, out));
	for (size_t i = 0; i < r->n; i++) {
		hm_buf_char(out, '\n');
		hm_buf_safe(out, release_name(&r->p[i]));
		hm_buf_addz(out, " contains ");
		hm_buf_safe(out, r->p[i].package.key);
		hm_buf_char(out, '\n');
		write_path(cx, out, &r->p[i]);
	}
	return NULL;
}

static const struct cli_answer contains_answer = { .schema = "hullmark.graph-contains/1",
						   .describe = describe_contains,
						   .write = write_contains,
						   .max = HM_MAX_JSON };

static hm_err ask_contains(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			   const void **out)
{
	struct graph_releases *r = hm_new(cx, struct graph_releases, 1);
	HM_TRY(graph_contains(cx, g, a->texts[0], &a->asked, r));
	*out = r;
	return NULL;
}

const struct cli_graph_ask cli_graph_ask_contains = {
	.path = "contains",
	.texts = { "package" },
	.answer = &contains_answer,
	.explain = explain_contains,
	.ask = ask_contains,
};

CLI_GRAPH_RUN(contains)

extern const struct cli_command cli_graph_contains;
const struct cli_command cli_graph_contains = {
	.name = "graph contains",
	CLI_GRAPH_QUESTION(contains),
	.args = "PURL[@RANGE]",
	.help = "which releases contain a package, and by which way",
	.about =
		"\"Which of my recent releases have log4j 2.12.3 as a dependency?\" Releases whose SBOM names the\n"
		"package: in any version, in the one behind '@', or in a range of them. With the way that the SBOM\n"
		"gives (direct: the release needs the package itself), the names that the release has, and what\n"
		"runs it now in the clusters that are watched. A purl means all packages that have its qualifiers\n"
		"and its subpath, whatever else they have.\n"
		"\n"
		"A range is comparisons ('>=2.0 <2.17.1', '!=2.5', '2.1.*'), alternatives behind '||', intervals\n"
		"('[2.0,2.17.1)'), 'vers:maven/>=2.0|<2.17.1', or what the tools of the package's type write: '^1.2',\n"
		"'~1.2', '~> 1.2', '~=1.2'. Versions are compared as those tools do.\n"
		"\n"
		"The JSON (hullmark.graph-contains/1) has \"releases\": each \"release\", \"images\", \"package\", \"direct\",\n"
		"\"path\" (nodes from the release to the package), \"document\" (\"digest\", \"origin\", \"signer\", \"belief\": who\n"
		"says so), \"others\" (how many more documents do) and \"running\"; and \"cut\" (by rows, depth or time), where there are more.",
	.examples =
		"  $ hullmark graph contains pkg:maven/org.apache.logging.log4j/log4j-core@2.12.3\n"
		"  $ hullmark graph contains 'pkg:npm/lodash@<4.17.21' --running\n"
		"  $ hullmark graph contains 'pkg:nuget/Newtonsoft.Json@[12.0,13.0.1)'\n",
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_ANSWER, CLI_ASK_RUNNING, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 1,
	.most = 1,
};

/* ------------------------------------------------------------------ graph exposed */

static void put_exposure(struct hm_cx *cx, struct json_out *o, const struct graph_exposure *e)
{
	json_open(o, NULL, '{');
	put_release(cx, o, &e->release);
	cli_graph_put_node(cx, o, "vulnerability", &e->vulnerability);
	json_put_bool(o, "suppressed", e->is_suppressed);
	json_put_given(o, "severity", e->severity);
	if (e->fixed.n)
		json_put_strs(o, "fixed", &e->fixed);
	if (e->advisories.n)
		json_put_strs(o, "advisories", &e->advisories);
	cli_graph_put_facts(cx, o, "said", &e->said);
	json_open(o, "vex", '[');
	for (size_t i = 0; i < e->vex.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "status", e->vex.p[i].status);
		json_put_bool(o, "suppresses", e->vex.p[i].suppresses);
		cli_graph_put_fact(cx, o, "fact", &e->vex.p[i].fact);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void describe_exposed(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_exposures *x = data;
	json_put_strs(o, "names", &x->names);
	json_put_given(o, "database", x->db);
	json_put_int(o, "exposed", (int64_t)(x->n - x->suppressed));
	json_put_int(o, "suppressed", (int64_t)x->suppressed);
	cli_graph_put_cut(o, x->cut);
	json_open(o, "releases", '[');
	for (size_t i = 0; i < x->n; i++)
		put_exposure(cx, o, &x->p[i]);
	json_close(o, ']');
}

static struct hm_str vex_text(struct hm_cx *cx, const struct graph_exposure *e)
{
	for (size_t i = 0; i < e->vex.n; i++)
		if (e->vex.p[i].suppresses)
			return hm_fmt(cx, "%.*s, says %.*s",
				      HM_FMT(hm_lower(cx, e->vex.p[i].status)),
				      HM_FMT(cli_graph_witness_text(cx, e->vex.p[i].fact.source)));
	return HM_STR("exposed");
}

static hm_err write_exposed(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			    struct hm_buf *out)
{
	static const char *const columns[] = { "RELEASE", "PACKAGE",  "",
					       "STATUS",  "FIXED IN", "RUNS IN" };
	const struct graph_exposures *x = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < x->n; i++) {
		const struct graph_exposure *e = &x->p[i];
		*hm_push(cx, &t.cells) = release_name(&e->release);
		*hm_push(cx, &t.cells) = e->release.package.key;
		*hm_push(cx, &t.cells) =
			e->release.is_direct ? HM_STR("direct") : HM_STR("transitive");
		*hm_push(cx, &t.cells) = vex_text(cx, e);
		*hm_push(cx, &t.cells) = advisory_versions_text(cx, &e->fixed);
		*hm_push(cx, &t.cells) = where_text(cx, &e->release.pods);
	}
	cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu exposed, %zu suppressed%s\n", x->n - x->suppressed, x->suppressed,
		   x->db.n ? "" : "; no advisory database was asked (hullmark db update)");
	cli_graph_write_cut(out, x->cut);
	return NULL;
}

static hm_err explain_exposed(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			      struct hm_buf *out)
{
	const struct graph_exposures *x = data;
	HM_TRY(write_exposed(cx, data, format, out));
	for (size_t i = 0; i < x->n; i++) {
		const struct graph_exposure *e = &x->p[i];
		hm_buf_char(out, '\n');
		hm_buf_safe(out, release_name(&e->release));
		hm_buf_addz(out, e->is_suppressed ? " is said not to be exposed by "
						  : " is exposed by ");
		hm_buf_safe(out, e->release.package.key);
		hm_buf_char(out, '\n');
		write_path(cx, out, &e->release);
		for (size_t k = 0; k < e->said.n; k++)
			cli_graph_write_fact(cx, out, "  ", &e->said.p[k]);
		for (size_t k = 0; k < e->advisories.n; k++) {
			hm_buf_addz(out, "  ");
			hm_buf_safe(out, e->advisories.p[k]);
			hm_buf_char(out, '\n');
		}
		for (size_t k = 0; k < e->vex.n; k++) {
			hm_buf_fmt(out, "  %s", e->vex.p[k].suppresses ? "" : "(does not decide) ");
			hm_buf_safe(out, e->vex.p[k].status);
			hm_buf_char(out, ' ');
			cli_graph_write_fact(cx, out, "", &e->vex.p[k].fact);
		}
	}
	return NULL;
}

static const struct cli_answer exposed_answer = { .schema = "hullmark.graph-exposed/1",
						  .describe = describe_exposed,
						  .write = write_exposed,
						  .max = HM_MAX_JSON };

static hm_err ask_exposed(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			  const void **out)
{
	struct graph_exposures *x = hm_new(cx, struct graph_exposures, 1);
	CLI_AUTO_GRAPH_DB db = NULL;
	HM_TRY(cli_graph_db(cx, a, &db));
	*out = x;
	return graph_exposed(cx, g, db, a->texts[0], &a->asked, x);
}

const struct cli_graph_ask cli_graph_ask_exposed = {
	.path = "exposed",
	.texts = { "vulnerability" },
	.answer = &exposed_answer,
	.explain = explain_exposed,
	.ask = ask_exposed,
};

CLI_GRAPH_RUN(exposed)

extern const struct cli_command cli_graph_exposed;
const struct cli_command cli_graph_exposed = {
	.name = "graph exposed",
	CLI_GRAPH_QUESTION(exposed),
	.args = "VULNERABILITY",
	.help = "which releases are exposed to a vulnerability",
	.about =
		"\"Which releases deployed to which clusters are exposed to CVE-2021-44228?\" Releases that contain a\n"
		"package which has the vulnerability: a document says so (a scanner's report, a CycloneDX document, VEX),\n"
		"or the advisory database does (`hullmark db update`), whose new advisories count for what was taken\n"
		"long ago. All names of a vulnerability are one: what documents say is equal, and aliases of advisories.\n"
		"\n"
		"VEX statements \"not affected\" and \"fixed\" suppress, unless a later one, or of several at the same time\n"
		"one, says otherwise: of the package, of the release, or of one in the other. One whose signer the trust\n"
		"policy does not believe decides nothing, and one of whom nobody was asked hides nothing that a believed\n"
		"one says; what came with an image out of a registry or layout suppresses only when its signer is believed.\n"
		"Suppressed releases are listed last, with who says so.\n"
		"\n"
		"The JSON (hullmark.graph-exposed/1) has \"names\" of the vulnerability, \"database\" (its digest), \"exposed\" and\n"
		"\"suppressed\" (numbers), and \"releases\": as of `graph contains`, with \"suppressed\", \"severity\", \"fixed\",\n"
		"\"advisories\" (why the database says so), \"said\" (facts) and \"vex\" (\"status\", \"suppresses\", \"fact\").",
	.examples = "  $ hullmark graph exposed CVE-2021-44228 --running\n"
		    "  $ hullmark graph exposed GHSA-jfh8-c2jp-5v3q --explain\n",
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA,
					  CLI_ASK_DB,
					  CLI_ASK_ANSWER,
					  CLI_ASK_RUNNING,
					  CLI_ASK_ELSEWHERE,
					  { 0 } },
	.least = 1,
	.most = 1,
};
