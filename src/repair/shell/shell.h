/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shell.h - inside repair/: what a script would have done, found without running it.
 *
 * The script is followed as dash would follow it, over the files of an image. Each command that is
 * reached is a row of a table (command.c, apt/script_command.c): it does nothing that an image
 * keeps, or its effect is put down, or it is not known here. A value that is not known is carried
 * along as such; where a condition is not known both ways are followed, and an effect in one of
 * them makes the script one that is not known. A command whose status is not known has succeeded
 * where "set -e" would have ended the script otherwise, and an "exit 1" that is perhaps reached is
 * not: then the package manager had failed, too.
 *
 * The law: it never guesses. Whatever is outside these rules ends in shell->unknown, with the line.
 */
#ifndef REPAIR_SHELL_SHELL_H
#define REPAIR_SHELL_SHELL_H

#include "repair/root.h"
#include "repair/shell/syntax.h"

/* What is known of a text. */
enum shell_know {
	SHELL_KNOWN,
	SHELL_BYTECODE, /* names of compiled Python modules */
	SHELL_UNKNOWN,
};
struct shell_text {
	struct hm_str s;
	enum shell_know know;
};
struct shell_args { /* of a command; p[0] is its name */
	struct shell_text *p;
	size_t n, cap;
};

enum { SHELL_MAYBE = -1 }; /* a status that is not known */

/* What is left in the image. */
enum shell_effect_type {
	SHELL_MKDIR,      /* path, mode */
	SHELL_MODE,       /* path, mode */
	SHELL_OWNER,      /* path, uid, gid */
	SHELL_LINK,       /* path, text: where it leads */
	SHELL_REMOVE,     /* path, with all below it */
	SHELL_WRITE,      /* path, mode, text */
	SHELL_CAPABILITY, /* path, text: as the kernel keeps it */
	SHELL_EFFECTS
};
struct shell_effect {
	enum shell_effect_type type;
	struct hm_str path, text;
	uint32_t mode, uid, gid;
};

struct shell_variable {
	struct hm_str name;
	struct shell_text value;
	bool is_set, maybe_set;
};
struct shell_variables {
	struct shell_variable *p;
	size_t n, cap;
};

/* Where a command writes. */
struct shell_sink {
	struct hm_buf text;
	enum shell_know know;
	size_t maybe; /* how perhaps it was when it began */
};

/* What "set" has turned on. */
struct shell_modes {
	bool errexit, nounset, noclobber; /* -e, -u, -C */
};
enum shell_flow { SHELL_ON, SHELL_EXIT, SHELL_RETURN, SHELL_BREAK, SHELL_CONTINUE };

struct shell_command;
struct shell {
	struct hm_cx *cx;
	struct repair_root *root;             /* effects change it, too */
	const struct shell_command *commands; /* of the host; ended by a row without name */
	void *host;                           /* theirs */
	/* Of a command that has no row: *out_is where it is known all the same. */
	hm_err (*other)(struct shell *sh, const struct shell_args *a, bool *out_is);
	/* Its state. */
	struct shell_variables variables;
	struct shell_args args; /* p[0] is $0 */
	struct hm_map functions;
	int status;
	struct shell_modes modes;
	enum shell_flow flow;
	struct hm_str at_exit; /* of "trap"; empty: nothing */
	size_t tested;         /* inside a condition */
	size_t maybe;          /* inside a way that is perhaps not taken */
	bool maybe_over;       /* perhaps it has ended already */
	bool maybe_back;       /* perhaps this function or loop has */
	size_t subshells;
	size_t calls, steps;
	struct hm_str cwd; /* "/etc"; empty: the root */
	unsigned line;
	bool inner;             /* in a text of its own: lines are not the script's */
	struct shell_text *in;  /* NULL: nobody's */
	struct shell_sink *out; /* NULL: nobody's */
	/* What came of it. */
	struct {
		struct shell_effect *p;
		size_t n, cap;
	} effects;
	struct hm_strs done; /* "systemctl": each once */
	bool is_unknown;
	struct hm_str unknown; /* "line 7: gcc": why it cannot be followed */
	struct hm_strs *trace; /* commands that are reached; or NULL */
};

struct shell_command {
	const char *name;
	hm_err (*run)(struct shell *sh, const struct shell_args *a);
	const char *what; /* of a command that has no place in an image; put into done */
};

/* HM_INPUT: it cannot be parsed. HM_LIMIT. */
HM_MUST hm_err repair_shell_run(struct shell *sh, struct hm_str script);
HM_MUST hm_err repair_shell_text(struct shell *sh, struct hm_str text); /* of eval, `...` */
HM_MUST hm_err repair_shell_node(struct shell *sh, const struct shell_node *n);
/* A node's output as a text. */
HM_MUST hm_err repair_shell_capture(struct shell *sh, struct hm_str command,
				    struct shell_text *out);
HM_MUST hm_err repair_shell_call(struct shell *sh, const struct shell_args *a);
/* "/usr/sbin/x" is "x". */
struct hm_str repair_shell_program(struct hm_str name);

/* --- state.c --- */
const struct shell_variable *repair_shell_get(const struct shell *sh, struct hm_str name);
void repair_shell_set(struct shell *sh, struct hm_str name, struct shell_text value);
void repair_shell_unset(struct shell *sh, struct hm_str name);
void repair_shell_save(struct shell *sh, struct shell_variables *out);
/* Where the two differ, nothing is known. */
void repair_shell_merge(struct shell *sh, const struct shell_variables *other);
/* It cannot be followed any more. */
void repair_shell_give_up(struct shell *sh, const char *fmt, ...) HM_PRINTF(2, 3);
void repair_shell_did(struct shell *sh, const char *what);
/* "-eu", "+e": of "set", or of a script's first line. What would make the script another one, and
 * is not followed here, gives up. */
void repair_shell_set_modes(struct shell *sh, struct hm_str word);
/* "-o NAME", "+o NAME". */
void repair_shell_set_named(struct shell *sh, bool on, struct hm_str name);
/* Puts it down, and changes the root. */
HM_MUST hm_err repair_shell_effect(struct shell *sh, const struct shell_effect *e);
void repair_shell_print(struct shell *sh, struct shell_text text);
struct hm_str repair_shell_arg(const struct shell_args *a, size_t i); /* empty: none, or unknown */
bool repair_shell_all_known(const struct shell_args *a);

/* A word of it is about compiled Python modules. */
bool repair_shell_bytecode(const struct shell_args *a);

/* --- words.c --- */
struct shell_words { /* of a command, without its options */
	struct shell_args args;
	struct hm_str options;     /* their letters; '-': long ones */
	struct hm_str mode;        /* -m of mkdir and install */
	struct hm_str user, group; /* -o, -g of install */
};
struct shell_words repair_shell_words(struct shell *sh, const struct shell_args *a);
bool repair_shell_option(const struct shell_words *w, char c);
bool repair_shell_octal(struct hm_str s, uint32_t *out);
/* Of a command that does nothing here; and of one whose status is not known, nor what it prints. */
hm_err repair_shell_nothing(struct shell *sh, const struct shell_args *a);
hm_err repair_shell_maybe(struct shell *sh, const struct shell_args *a);
/* Gives up, with the command as it stands there. */
hm_err repair_shell_refuse(struct shell *sh, const struct shell_args *a);
/* "USER", "USER:GROUP", ":GROUP"; what is not said stays. False: somebody who is not known. */
bool repair_shell_owner(const struct repair_root *r, struct hm_str who, uint32_t *uid,
			uint32_t *gid);

/* --- word.c --- */
HM_MUST hm_err repair_shell_fields(struct shell *sh, struct hm_str word, struct shell_args *out);
HM_MUST hm_err repair_shell_one(struct shell *sh, struct hm_str word, struct shell_text *out);
/* As fnmatch(3) reads it. */
HM_MUST hm_err repair_shell_pattern(struct shell *sh, struct hm_str word, struct shell_text *out);
HM_MUST hm_err repair_shell_here(struct shell *sh, struct hm_str text, struct shell_text *out);
bool repair_shell_matches(struct shell *sh, struct hm_str pattern, struct hm_str text);

/* --- commands --- */
/* A path as the script says it, from the root. */
struct hm_str repair_shell_path(struct shell *sh, struct hm_str path);
/* A file; NULL in *out: there is none. False: it is not the image's (/proc), or cannot be told. */
HM_MUST hm_err repair_shell_find(struct shell *sh, struct hm_str path, bool follow,
				 const struct repair_node **out, bool *out_sure);
extern const struct shell_command repair_shell_commands[]; /* every script's own */
/* Of a command that makes another text of a text: nothing of nothing, or what is not known. */
hm_err repair_shell_filter(struct shell *sh, const struct shell_args *a);
extern const struct shell_command repair_shell_texts[]; /* text.c */
extern const struct shell_command repair_shell_seds[];  /* sed.c */
extern const struct shell_command repair_shell_files[]; /* file.c */
extern const struct shell_command repair_shell_modes[]; /* mode.c */
extern const struct shell_command repair_shell_finds[]; /* find.c */
hm_err repair_shell_test(struct shell *sh, const struct shell_args *a);

#endif
