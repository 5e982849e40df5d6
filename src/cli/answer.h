/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - what a command answers: said once, written in the formats that -o asks for.
 *
 * The formats are one table. A command's row names those that it has; parsing, --help, completion,
 * the manual page and the tests read them there. An answer is described once, by the calls of
 * json.h: JSON and YAML are that description, a table is columns of it, or what the command lays
 * out by itself.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "base/base.h"
#include "codec/json.h"

/* Formats, as bits: of what a command can answer in, the first is what it answers in unasked. */
enum cli_format_bit {
	CLI_AS_TEXT = 1,
	CLI_AS_TREE = 2,
	CLI_AS_TABLE = 4,
	CLI_AS_JSON = 8,
	CLI_AS_YAML = 16,
	CLI_AS_SPDX = 32,
	CLI_AS_CYCLONEDX = 64,
	CLI_AS_SARIF = 128,
	CLI_AS_TEMPLATE = 256,
	CLI_AS_COPA = 512,
	CLI_AS_COPA_2 = 1024,
	CLI_AS_OPENVEX = 2048,
	CLI_AS_CSAF = 4096,
	CLI_AS_CYCLONEDX_VEX = 8192,
	CLI_AS_VEX = CLI_AS_OPENVEX | CLI_AS_CSAF | CLI_AS_CYCLONEDX_VEX,
	CLI_AS_ANSWER = CLI_AS_TABLE | CLI_AS_JSON | CLI_AS_YAML
};

struct cli_format {
	const char *name;       /* as -o has it; NULL: the table ends */
	const char *value;      /* what must stand behind it: "TEMPLATE"; or NULL */
	const char *media_type; /* of the document; NULL: it is for people */
	const char *extension;  /* what a file of it ends with */
	const char *help;       /* what it is, for the manual */
	enum cli_format_bit bit;
};
extern const struct cli_format cli_formats[]; /* in the order of their bits */
/* "table, json or go-template=TEMPLATE": for people, those of a command. */
void cli_list_formats(unsigned formats, struct hm_buf *out);

/* -o FORMAT[=FILE]: where each result goes. Files are written beside and renamed. */
struct cli_output {
	const struct cli_format *format;
	const char *file;                /* NULL: standard output */
	const struct template *template; /* of go-template=TEMPLATE; or NULL */
};
/* What became of what was to be kept in the knowledge graph (record.h). */
struct cli_recorded {
	const char *graph;
	size_t taken, known, refused; /* documents */
	const char *why;              /* it could not be kept, or not all of it; or NULL */
};
struct cli_outputs {
	struct cli_output *p;
	size_t n;
	const struct cli_recorded *recorded; /* for the answer's "recorded"; or NULL */
};
/* HM_USAGE: a format that is not among `formats` (bits), two without file, two with one file, a
 * template that cannot be read. No -o at all: the first of `formats`. */
HM_MUST hm_err cli_read_outputs(struct hm_cx *cx, unsigned formats, const struct hm_strs *given,
				struct cli_outputs *out);
/* HM_USAGE: one of them is the file `other`, which is for something else (what it is called). */
HM_MUST hm_err cli_check_outputs(struct hm_cx *cx, const struct cli_outputs *outputs,
				 const char *other, const char *what);

/* --template TEXT (or NULL) is what --format go-template is given without; `out` has them together.
 * HM_USAGE: one without the other. */
HM_MUST hm_err cli_with_template(struct hm_cx *cx, const struct hm_strs *given, const char *text,
				 struct hm_strs *out);
#define CLI_TEMPLATE(type, field)                                 \
	CLI_OPT(type, field, "template", CLI_TEXT, 0, "TEMPLATE", \
		"a Go template, for --format go-template")
/* What the template makes of a result that is JSON, to standard output: all of it, or nothing. */
HM_MUST hm_err cli_output_template(struct hm_cx *cx, const struct template *t,
				   const struct hm_buf *json);
/* A command that has nothing for them. HM_USAGE. */
HM_MUST hm_err cli_no_template(struct hm_cx *cx);

HM_MUST hm_err cli_output_write(struct hm_cx *cx, const struct cli_output *o, struct hm_str bytes);
/* A result that was put together. HM_LIMIT: it did not fit into its buffer; nothing is written. */
HM_MUST hm_err cli_output_end(struct hm_cx *cx, const struct cli_output *o,
			      const struct hm_buf *result);
HM_MUST hm_err cli_print(struct hm_cx *cx, struct hm_str bytes); /* to standard output, checked */

/* A column of a table that is made of the description: which member of each element it shows. A
 * boolean is shown as a star, or nothing. */
struct cli_column {
	const char *heading, *key; /* heading NULL: the table ends */
};

/*
 * How a command answers. `data` is the command's own, the same for all members.
 *
 * `describe` puts the members of {"schema":SCHEMA,...}: what stands there never goes or changes.
 * `describe_plain`, for Go templates, puts those of the object that ORAS has for its own.
 * What follows from neither is written by `write`: documents of other formats, and what people
 * read, unless `columns` say that it is a table of the elements of list `list`.
 */
struct cli_answer {
	const char *schema;
	void (*describe)(struct hm_cx *cx, const void *data, struct json_out *o);
	hm_err (*describe_plain)(struct hm_cx *cx, const void *data, struct json_out *o);
	hm_err (*write)(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			struct hm_buf *out);
	const char *list;
	const struct cli_column *columns;
	size_t max; /* bytes of a result; 0: HM_MAX_JSON */
};
HM_MUST hm_err cli_answer_write(struct hm_cx *cx, const struct cli_outputs *outputs,
				const struct cli_answer *answer, const void *data);
/* One of its formats, but a template's. */
HM_MUST hm_err cli_answer_format(struct hm_cx *cx, const struct cli_answer *answer,
				 const void *data, enum cli_format_bit format, struct hm_buf *out);

/* A table for people: columns as wide as needed, control characters made visible, colour where
 * wanted. */
struct cli_table {
	const char *const *columns; /* headings */
	size_t columns_n;
	struct hm_strs cells; /* row by row */
};
void cli_table_format(struct hm_cx *cx, const struct cli_table *t, struct hm_buf *out);

#endif
