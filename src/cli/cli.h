/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h - the command line: one grammar, one table of commands, one file a command.
 *
 * A command is data: parsing, --help, completion, the manual pages and their tests all read it.
 * Results go to standard output (cli_print), everything else to standard error.
 *
 * Exit status: 0 when a command returns NULL, 2 when it returns an HM_USAGE fault, 1 for every
 * other fault. 3 means that the command worked and its answer is no: the signature is not good, the
 * image is not admitted. A command that has printed that answer sets cli->answer_no and returns
 * NULL; one that has a fault to explain it with returns that through cli_refuse().
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/base.h"
#include "cli/answer.h"
#include "http/http.h"
#include "inventory/inventory.h"
#include "oci/oci.h"

enum cli_kind {
	CLI_FLAG,   /* bool */
	CLI_TEXT,   /* const char *; NULL: not given */
	CLI_LIST,   /* struct hm_strs: may be given again and again */
	CLI_NUMBER, /* uint64_t; 0: not given */
	CLI_FORMATS /* struct hm_strs: -o, of the formats that the command has */
};

struct cli_opt {
	const char *name; /* "fail-on" for --fail-on */
	char letter;      /* 'o' for -o; 0: none */
	enum cli_kind kind;
	size_t at;       /* offset in the command's struct; not used where `of` is given */
	const char *arg; /* what stands in help for the value: "FILE" */
	const char *help;
	const void *of; /* the row of another table that it belongs to: read it by cli_given_of();
			   NULL: the command's own */
};
struct cli_opts {
	struct cli_opt *p;
	size_t n, cap;
};
#define CLI_OPT(type, field, name_, kind_, letter_, arg_, help_)               \
	{                                                                      \
		.name = name_, .letter = letter_, .kind = kind_,               \
		.at = offsetof(struct type, field), .arg = arg_, .help = help_ \
	}

/* -o of a command that has formats. */
#define CLI_OUTPUT(type, field) \
	CLI_OPT(type, field, "output", CLI_FORMATS, 'o', "FORMAT[=FILE]", "the output format")
/* The same as ORAS calls it. */
#define CLI_FORMAT(type, field) \
	CLI_OPT(type, field, "format", CLI_FORMATS, 0, "FORMAT[=FILE]", "the same as -o")

/* An option as it was given: of a text or a number the last, of a list each. */
struct cli_given {
	const struct cli_opt *opt;
	const char *value; /* NULL: a flag */
};

/* What holds for every command: the flags that are allowed everywhere. */
struct cli {
	const struct cli_command *command; /* which runs */
	struct {
		struct cli_given *p;
		size_t n, cap;
	} given;
	struct hm_strs args;    /* what is no option, nor the command */
	const char *config_dir; /* --config-dir, else $XDG_CONFIG_HOME/hullmark */
	bool plain_http, insecure, offline, quiet, verbose, debug, no_tty, no_sandbox, help;
	const char *ca_file, *cert_file, *key_file, *log_format, *username;
	struct hm_strs headers, registry_config, resolve;
	struct hm_secret *header_values; /* one for each; NULL: not yet */
	const char *identity_token;      /* moved into .token, as .password is */
	bool identity_token_stdin;
	struct hm_secret token;
	const char *password; /* as it was given; cli_access() moves it into .secret */
	bool password_stdin;
	struct hm_secret secret;  /* the password */
	bool fresh;               /* nothing was read yet but what the user wrote (signer.h) */
	bool answer_no;           /* exit status 3, and no fault */
	bool refused;             /* exit status 3 with the fault that is returned */
	struct http_client *http; /* made on first use by cli_access() */
	struct oci_access access;
	const char *record; /* the graph that what is pushed goes into, too; or NULL */
	/* What is left to do where the command fails, before what it used is closed; or NULL. */
	void (*after_fault)(struct hm_cx *cx, struct cli *cli);
	struct hm_cache content; /* $XDG_CACHE_HOME/hullmark/content */
};
/* How registries are reached, from the flags. */
HM_MUST hm_err cli_access(struct hm_cx *cx, struct cli *cli, const struct oci_access **out);
/* The same for what is no registry. HM_USAGE. */
HM_MUST hm_err cli_http_config(struct hm_cx *cx, const struct cli *cli, struct http_config *out);
/* --header, into cli->access. HM_USAGE, HM_LIMIT. */
HM_MUST hm_err cli_headers(struct hm_cx *cx, struct cli *cli);
/* What config.json in the configuration folder says, as Notation has it. */
struct cli_notation_config {
	struct hm_str signature_format; /* "jws" where it says nothing */
	struct hm_strs plain_hosts;     /* insecureRegistries: reached without TLS */
	const char *credentials; /* the file itself, where it says where credentials are; or NULL */
};
/* A missing file changes nothing. HM_INPUT: the file cannot be read as a configuration of Notation.
 */
HM_MUST hm_err cli_notation_config(struct hm_cx *cx, const char *config_dir,
				   struct cli_notation_config *out);
/* Where credentials are kept: --registry-config, else what that file says; empty: where Docker
 * keeps them. */
HM_MUST hm_err cli_credential_files(struct hm_cx *cx, const struct cli *cli, struct hm_strs *out);
/* NOTATION_USERNAME and NOTATION_PASSWORD, for the commands that notation has, where no flag says
 * who we are. */
void cli_notation_environment(struct cli *cli);
/* What --username and --password are for: the registry of this target. A command says so of each in
 * its own cx before it connects to one. HM_USAGE: they were given, and there is a second one. */
HM_MUST hm_err cli_secret_for(struct hm_cx *cx, struct cli *cli, const struct oci_target *t);
/* A password or token of the command line, which others could read there: no longer than need be;
 * and one from standard input, without the line's end. */
struct hm_secret cli_take_secret(const char *text);
HM_MUST hm_err cli_read_secret(struct hm_cx *cx, const char *what, struct hm_secret *out);
/* Was one of them given? */
bool cli_has_secret(const struct cli *cli);

/* What is in a target of the command line: an image (of `platform`, or NULL), a folder, an SBOM. */
HM_MUST hm_err cli_inventory(struct hm_cx *cx, struct cli *cli, const char *target,
			     const char *platform, bool no_cache, struct inventory *out);

/* Unknown content: each a warning in the log; and as a table, nothing where there is none. */
void cli_unknown_log(struct hm_cx *cx, const struct inventory *inv);
void cli_unknown_format(struct hm_cx *cx, const struct inventory *inv, struct hm_buf *out);

struct cli_command {
	const char *name;  /* "sbom"; a sub-command's is "cert generate-test" */
	const char *alias; /* another name, as a peer has it; or NULL */
	const char *group; /* heading in --help: "Evidence", "Trust", "Shipping", "Serving",
			      "Graph", "Data" */
	const char *args;  /* "TARGET" */
	const char *help;  /* one line */
	const char *about; /* paragraphs for --help and the manual page; or NULL */
	/* Appends to `about` what is written from another table, each line behind a line feed.
	 * NULL: nothing is appended. */
	void (*put_about)(struct hm_cx *cx, struct hm_buf *out);
	const char *examples; /* lines "$ hullmark ..." ; or NULL */
	unsigned formats;     /* that it can answer in, as bits of cli_formats; 0: it has no -o */
	size_t opts_size;
	const struct cli_opt *opts; /* ended by a row without name; sorted by name */
	/* Adds the options that are made from another table (services, rules), in any order. NULL:
	 * the command has none of these. */
	void (*add_opts)(struct hm_cx *cx, struct cli_opts *to);
	unsigned least, most; /* how many arguments; most 0: none, UINT_MAX: any number */
	hm_err (*run)(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		      size_t args_n);
};
extern const struct cli_command *const cli_commands[]; /* sorted by name; ended by NULL */

/* All options of a command, sorted by name, ended by a row without name. */
const struct cli_opt *cli_opts(struct hm_cx *cx, const struct cli_command *c);
/* The values that were given for the option that belongs to this row ("true" for a flag), and that
 * option. Empty where the option was not given; then *out is not set. */
struct hm_strs cli_given_of(struct hm_cx *cx, const struct cli *cli, const void *row,
			    const struct cli_opt **out);

/* The fault of an operation that may be refused: it ends the command with exit status 3 where
 * somebody or a policy said no (HM_TRUST). NULL stays NULL. */
HM_MUST hm_err cli_refuse(struct cli *cli, hm_err err);

/* The program: parses, runs, complains; returns the exit status. */
int cli_main(int argc, char **argv);

/* graph/'s job, which reads documents (graph.h), with what rooms above it can read: for the table
 * of jobs of main(). */
HM_MUST hm_err cli_graph_document_job(struct hm_cx *cx, struct hm_str args, int in,
				      struct hm_buf *out);

/* $XDG_CONFIG_HOME/hullmark, $XDG_CACHE_HOME/hullmark, $XDG_DATA_HOME/hullmark; made when wanted by
 * whoever writes there. */
char *cli_config_dir(struct hm_cx *cx);
char *cli_cache_dir(struct hm_cx *cx);
char *cli_data_dir(struct hm_cx *cx);
/* In them: what was found in layers, by catalogers and by others, and the advisory database. */
char *cli_layer_cache(struct hm_cx *cx);
struct inventory_kept cli_kept_layers(struct hm_cx *cx, bool no_cache);
char *cli_advisory_db(struct hm_cx *cx);
/* $XDG_CACHE_HOME/notation/crl: revocation lists, which Notation reads and writes, too. */
char *cli_notation_lists(struct hm_cx *cx);

#endif
