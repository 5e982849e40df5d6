/* SPDX-License-Identifier: Apache-2.0 */
/* parse.h - private to cli/: words of the command line into a command's options. */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/cli.h"

struct cli_words {
	char *const *p;
	size_t n;
};

extern const struct cli_opt cli_global_opts[];

/* `opts` is the command's zeroed (or defaulted) struct. Options and arguments may be mixed; "--"
 * ends the options. HM_USAGE. */
HM_MUST hm_err cli_parse(struct hm_cx *cx, struct cli *cli, const struct cli_command *command,
			 struct cli_words words, void *opts, struct hm_strs *out_args);

/* Store one value (NULL for a flag) in the option's field of the struct `base`. HM_USAGE: it is not
 * valid for that option. */
HM_MUST hm_err cli_set_opt(struct hm_cx *cx, const struct cli_opt *o, void *base,
			   const char *value);

/* Options that hold everywhere may stand before the command, too: they are moved behind it. */
struct cli_words cli_command_first(struct hm_cx *cx, struct cli_words words);

/* Help of one command, or of all where it is NULL; and the same as a manual page (man(7)). */
void cli_help(struct hm_cx *cx, const struct cli_command *command, struct hm_buf *out);
/* The commands that begin with these words ("cert", "blob policy"); false: none. */
bool cli_help_group(const char *words, struct hm_buf *out);
void cli_manual(struct hm_cx *cx, const struct cli_command *command, struct hm_buf *out);

/* A manual page about a topic, such as a file format, that is not a command: section 7. */
struct cli_topic {
	const char *name, *help, *text;
};
extern const struct cli_topic cli_topics[]; /* ended by a row without name */
void cli_manual_topic(const struct cli_topic *t, struct hm_buf *out);
/* The most words that a command's name has. */
enum { CLI_NAME_WORDS = 3 };
/* Word i of a command's name: Notation's own words stand for ours ("certificate", "plugin rm"). */
const char *cli_word(struct cli_words words, size_t i);
/* The command that the words begin with, the longest name first, and how many words its name has.
 * NULL: none. */
const struct cli_command *cli_find(struct cli_words words, size_t *out_used);

#endif
