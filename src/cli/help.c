/* SPDX-License-Identifier: Apache-2.0 */
/* --help and the manual pages, both made from the command table: one truth. */
#include "cli/parse.h"

#include <stdio.h>

static const char *const groups[] = { "Evidence", "Trust", "Shipping", "Serving",
				      "Graph",    "Data",  "Hullmark" };

/* Of the options that want a format, the one that says which there are. */
static bool lists_formats(const struct cli_opt *opts, const struct cli_opt *o)
{
	for (; opts->name && !o->letter; opts++)
		if (opts->kind == CLI_FORMATS && opts->letter)
			return false;
	return o->kind == CLI_FORMATS;
}

/* What option `o` of `opts` does. */
static void describe_opt(struct hm_buf *out, const struct cli_opt *opts, const struct cli_opt *o,
			 unsigned formats)
{
	hm_buf_addz(out, o->help);
	if (lists_formats(opts, o)) {
		hm_buf_addz(out, ": ");
		cli_list_formats(formats, out);
	}
	if (o->kind == CLI_LIST || o->kind == CLI_FORMATS)
		hm_buf_addz(out, " (may be repeated)");
}

static void add_opts(struct hm_buf *out, const struct cli_opt *opts, unsigned formats)
{
	for (const struct cli_opt *o = opts; o && o->name; o++) {
		char left[96], letter[8] = "    ";
		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
			 o->arg ? o->arg : "");
		hm_buf_fmt(out, "  %-34s ", left);
		describe_opt(out, opts, o, formats);
		hm_buf_char(out, '\n');
	}
}

static void help_all(struct hm_buf *out)
{
	hm_buf_addz(out, "hullmark - the secure supply chain for containers in one program\n\n"
			 "usage: hullmark COMMAND [options] TARGET...\n");
	for (size_t g = 0; g < HM_LEN(groups); g++) {
		bool any = false;
		for (const struct cli_command *const *c = cli_commands; *c; c++) {
			if (strcmp((*c)->group, groups[g]) != 0)
				continue;
			if (!any)
				hm_buf_fmt(out, "\n%s\n", groups[g]);
			any = true;
			hm_buf_fmt(out, "  %-22s %s\n", (*c)->name, (*c)->help);
		}
	}
	hm_buf_addz(out, "\nTargets\n"
			 "  REGISTRY/REPO[:TAG][@DIGEST]   in a registry\n"
			 "  oci:DIR[:TAG][@DIGEST]         in an OCI layout\n"
			 "  oci-archive:FILE               in a tar file of an OCI layout\n"
			 "  docker-archive:FILE            in a file that docker save wrote\n"
			 "  dir:PATH  file:PATH  sbom:FILE  a folder, a file, an SBOM\n"
			 "\nOptions of every command\n");
	add_opts(out, cli_global_opts, 0);
	hm_buf_addz(
		out,
		"\nExit status\n"
		"  0 done and good   1 could not be done   2 wrong usage   3 done, and the answer is no\n");
}

bool cli_help_group(const char *words, struct hm_buf *out)
{
	size_t n = strlen(words);
	bool any = false;
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		if (strncmp((*c)->name, words, n) != 0 || (*c)->name[n] != ' ')
			continue;
		if (!any)
			hm_buf_fmt(out, "usage: hullmark %s COMMAND [options]\n\n", words);
		any = true;
		hm_buf_fmt(out, "  %-22s %s\n", (*c)->name, (*c)->help);
	}
	if (any)
		hm_buf_fmt(out, "\n`hullmark %s COMMAND --help` explains one.\n", words);
	return any;
}

/* The description, with the lines that are made from tables. NULL: the command has none. */
static const char *join_about(struct hm_cx *cx, const struct cli_command *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	if (!c->put_about)
		return c->about;
	hm_buf_addz(&b, c->about ? c->about : "");
	c->put_about(cx, &b);
	return hm_dupz(cx, hm_buf_str(&b));
}

void cli_help(struct hm_cx *cx, const struct cli_command *c, struct hm_buf *out)
{
	if (!c) {
		help_all(out);
		return;
	}
	hm_buf_fmt(out, "hullmark %s - %s\n\nusage: hullmark %s [options]%s%s\n", c->name, c->help,
		   c->name, c->args && *c->args ? " " : "", c->args ? c->args : "");
	if (c->alias)
		hm_buf_fmt(out, "also: hullmark %s\n", c->alias);
	const char *about = join_about(cx, c);
	if (about)
		hm_buf_fmt(out, "\n%s\n", about);
	const struct cli_opt *opts = cli_opts(cx, c);
	if (opts->name) {
		hm_buf_addz(out, "\nOptions\n");
		add_opts(out, opts, c->formats);
	}
	hm_buf_addz(out, "\nOptions of every command\n");
	add_opts(out, cli_global_opts, 0);
	if (c->examples)
		hm_buf_fmt(out, "\nExamples\n%s\n", c->examples);
}

/* Text for man(7): backslashes escaped, hyphens that are to be copied, no line that begins a
 * request. */
static void add_roff(struct hm_buf *out, const char *z)
{
	for (const char *p = z; *p; p++) {
		bool line_start = p == z || p[-1] == '\n';
		if (line_start && (*p == '.' || *p == '\''))
			hm_buf_addz(out, "\\&");
		if (*p == '\\')
			hm_buf_addz(out, "\\e");
		else if (*p == '-')
			hm_buf_addz(out, "\\-");
		else
			hm_buf_char(out, *p);
	}
}

static void roff_opts(struct hm_buf *out, const struct cli_opt *opts, unsigned formats)
{
	HM_AUTO_BUF text = HM_BUF(HM_MIB);
	for (const struct cli_opt *o = opts; o && o->name; o++) {
		hm_buf_addz(out, ".TP\n");
		if (o->letter)
			hm_buf_fmt(out, "\\fB\\-%c\\fR, ", o->letter);
		hm_buf_addz(out, "\\fB\\-\\-");
		add_roff(out, o->name);
		hm_buf_addz(out, "\\fR");
		if (o->arg) {
			hm_buf_addz(out, " \\fI");
			add_roff(out, o->arg);
			hm_buf_addz(out, "\\fR");
		}
		hm_buf_char(out, '\n');
		hm_buf_clear(&text);
		describe_opt(&text, opts, o, formats);
		hm_buf_char(&text, '\0');
		add_roff(out, text.p);
		hm_buf_char(out, '\n');
	}
}

static void roff_name(struct hm_buf *out, const char *name, int section, const char *help)
{
	hm_buf_fmt(out, ".TH \"HULLMARK%s", *name ? "-" : "");
	for (const char *p = name; *p; p++)
		hm_buf_char(out, *p == ' ' ? '-' : *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
	hm_buf_fmt(out,
		   "\" %d \"\" \"hullmark " HULLMARK_VERSION "\" \"Hullmark\"\n.SH NAME\nhullmark",
		   section);
	for (const char *p = *name ? name : ""; *p; p++)
		hm_buf_fmt(out, "%s%c", p == name ? "\\-" : "", *p == ' ' ? '-' : *p);
	hm_buf_addz(out, " \\- ");
	add_roff(out, help);
	hm_buf_char(out, '\n');
}

static void roff_head(struct hm_buf *out, const char *name, const char *help)
{
	roff_name(out, name, 1, help);
	hm_buf_addz(out, ".SH SYNOPSIS\n");
}

void cli_manual_topic(const struct cli_topic *t, struct hm_buf *out)
{
	roff_name(out, t->name, 7, t->help);
	hm_buf_addz(out, ".SH DESCRIPTION\n");
	add_roff(out, t->text);
	hm_buf_char(out, '\n');
}

/* What is said once, for all commands: a heading, then rows of a term and what it means. */
static const struct words {
	const char *term, *text; /* text NULL: a heading */
} words[] = {
	{ "TARGETS", NULL },
	{ "REGISTRY/REPO[:TAG][@DIGEST]", "an image or artifact in a registry" },
	{ "oci:DIR[:TAG][@DIGEST]", "in an OCI image layout" },
	{ "oci-archive:FILE[:TAG]", "in a tar file of a layout, plain, gzip or zstd" },
	{ "docker-archive:FILE[:NAME:TAG]", "in a file that docker save wrote, of either layout" },
	{ "dir:PATH", "what is in a folder" },
	{ "file:PATH", "what is in one file" },
	{ "sbom:FILE", "what an SBOM says, SPDX 2 or CycloneDX as JSON" },
	{ "OUTPUT", NULL },
	{ "-o FORMAT[=FILE]",
	  "may be given several times; one of them may go to standard output. Files are written beside and renamed." },
	{ "FILES", NULL },
	{ "$XDG_CONFIG_HOME/hullmark/",
	  "trust policy, trust store and keys in Notation's own layout (~/.config/hullmark); --config-dir ~/.config/notation shares Notation's" },
	{ "$XDG_CACHE_HOME/hullmark/",
	  "what was found in layers, by their digest (~/.cache/hullmark); may be removed at any time; layers.seed is a secret: whoever makes an image must not know it" },
	{ "$XDG_CACHE_HOME/notation/crl/",
	  "revocation lists, which Notation and Hullmark keep for each other (~/.cache/notation/crl); may be removed at any time" },
	{ "$XDG_DATA_HOME/hullmark/advisories.db",
	  "the advisory database (~/.local/share/hullmark)" },
	{ "$DOCKER_CONFIG/config.json",
	  "credentials of registries, and who helps with them (~/.docker)" },
	{ "ENVIRONMENT", NULL },
	{ "NO_COLOR", "no colours, whatever the terminal" },
	{ "NOTATION_USERNAME, NOTATION_PASSWORD",
	  "who we are to the registry, for sign, verify, list, inspect and login, where no option says so" },
	{ "SOURCE_DATE_EPOCH",
	  "seconds since 1970: the time of creation in what is written; without it there is none" },
	{ "TMPDIR", "where what must be spooled goes, as a file without a name (/tmp)" },
};

static void add_words(struct hm_buf *out)
{
	for (size_t i = 0; i < HM_LEN(words); i++) {
		hm_buf_addz(out, words[i].text ? ".TP\n\\fB" : ".SH ");
		add_roff(out, words[i].term);
		hm_buf_addz(out, words[i].text ? "\\fR\n" : "\n");
		if (!words[i].text)
			continue;
		add_roff(out, words[i].text);
		hm_buf_char(out, '\n');
	}
}

/* Each format, and the commands that have it. */
static void add_formats(struct hm_buf *out)
{
	hm_buf_addz(out, ".SH FORMATS\n");
	for (const struct cli_format *f = cli_formats; f->name; f++) {
		const char *before = "; of";
		hm_buf_addz(out, ".TP\n\\fB");
		add_roff(out, f->name);
		hm_buf_addz(out, "\\fR");
		if (f->media_type) {
			hm_buf_addz(out, " (");
			add_roff(out, f->media_type);
			hm_buf_fmt(out, ", FILE%s)", f->extension);
		}
		hm_buf_char(out, '\n');
		add_roff(out, f->help);
		for (const struct cli_command *const *c = cli_commands; *c; c++) {
			if (!((*c)->formats & f->bit))
				continue;
			hm_buf_fmt(out, "%s %s", before, (*c)->name);
			before = ",";
		}
		hm_buf_char(out, '\n');
	}
}

static void manual_all(struct hm_buf *out)
{
	roff_head(out, "", "the secure supply chain for containers in one program");
	hm_buf_addz(out,
		    "\\fBhullmark\\fR \\fICOMMAND\\fR [options] \\fITARGET\\fR...\n.SH COMMANDS\n");
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		hm_buf_fmt(out, ".TP\n\\fB%s\\fR\n", (*c)->name);
		add_roff(out, (*c)->help);
		hm_buf_char(out, '\n');
	}
	hm_buf_addz(out, ".SH TOPICS\n");
	for (const struct cli_topic *t = cli_topics; t->name; t++) {
		hm_buf_fmt(out, ".TP\n\\fB%s\\fR\n", t->name);
		add_roff(out, t->help);
		hm_buf_char(out, '\n');
	}
	hm_buf_addz(out, ".SH OPTIONS\n");
	roff_opts(out, cli_global_opts, 0);
	add_words(out);
	add_formats(out);
	hm_buf_addz(
		out,
		".SH LIMITS\nWhat is read from outside is bounded; past a limit the input is an error.\n");
	for (size_t i = 0; i < hm_limit_rows_n; i++) {
		hm_buf_fmt(out, ".TP\n\\fB%llu\\fR %s\n",
			   (unsigned long long)hm_limit_rows[i].value, hm_limit_rows[i].unit);
		add_roff(out, hm_limit_rows[i].what);
		hm_buf_char(out, '\n');
	}
	hm_buf_addz(
		out,
		".SH EXIT STATUS\n0 done and good; 1 could not be done; 2 wrong usage; 3 done, and the answer is no.\n");
}

void cli_manual(struct hm_cx *cx, const struct cli_command *c, struct hm_buf *out)
{
	if (!c) {
		manual_all(out);
		return;
	}
	roff_head(out, c->name, c->help);
	hm_buf_fmt(out, "\\fBhullmark %s\\fR [options] ", c->name);
	add_roff(out, c->args ? c->args : "");
	if (c->alias)
		hm_buf_fmt(out, "\n.br\n\\fBhullmark %s\\fR is the same.", c->alias);
	hm_buf_addz(out, "\n.SH DESCRIPTION\n");
	const char *about = join_about(cx, c);
	add_roff(out, about ? about : c->help);
	hm_buf_char(out, '\n');
	const struct cli_opt *opts = cli_opts(cx, c);
	if (opts->name) {
		hm_buf_addz(out, ".SH OPTIONS\n");
		roff_opts(out, opts, c->formats);
	}
	hm_buf_addz(out, ".SH OPTIONS OF EVERY COMMAND\n");
	roff_opts(out, cli_global_opts, 0);
	if (c->examples) {
		hm_buf_addz(out, ".SH EXAMPLES\n.nf\n");
		add_roff(out, c->examples);
		hm_buf_addz(out, "\n.fi\n");
	}
	hm_buf_addz(out, ".SH SEE ALSO\n\\fBhullmark\\fR(1)\n");
}
