/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin.h - inside trust/: programs that sign and verify for us, by the Notary Project's protocol
 * (plugin-extensibility.md, contract 1.0).
 *
 * A plugin is DIR/plugins/NAME/notation-NAME, which is where notation has it, too. It is run once a
 * command, with a request in JSON on its standard input and an answer on its standard output. What
 * it answers is a stranger's word: its form is checked here (answer.h), and whoever uses a
 * signature or an envelope checks it as one that came from a registry.
 */
#ifndef TRUST_PLUGIN_PLUGIN_H
#define TRUST_PLUGIN_PLUGIN_H

#include "codec/json.h"
#include "trust/config.h"

#define TRUST_PLUGIN_CONTRACT "1.0"

/* A program that is there; nobody has asked it anything yet. */
struct trust_plugin_program {
	struct hm_str name;
	const char *path;
};
/* HM_USAGE: no name of a plugin. HM_ABSENT: no such plugin, with a hint. HM_INPUT: it is no regular
 * file, or may not be run. */
HM_MUST hm_err trust_plugin_find(struct hm_cx *cx, const char *config_dir, struct hm_str name,
				 struct trust_plugin_program *out);

/*
 * Run one command and return what it printed. Its environment is ours without Hullmark's own
 * credentials. Where it answers THROTTLED or TIMEOUT it is run again, HM_MAX_PLUGIN_TRIES times at
 * the most, after pauses that double (0.5, 1, 2 s), as long as the time of one command and the
 * context's deadline allow. HM_BUSY: it took longer than HM_MAX_PLUGIN_SECONDS, or said one of the
 * two to the end. HM_DENIED, HM_INPUT, HM_SYSTEM: as its error code says (trust_answer_error()).
 * HM_LIMIT: HM_MAX_PLUGIN_OUTPUT.
 */
HM_MUST hm_err trust_plugin_run(struct hm_cx *cx, const struct trust_plugin_program *p,
				const char *command, struct hm_str request, struct hm_str *out);
/* "pluginConfig" of a request, where there is any. */
void trust_plugin_put_config(struct json_out *o, const struct oci_annotations *config);
/* get-plugin-metadata. HM_INPUT: not a plugin's, or of another name or contract. */
HM_MUST hm_err trust_plugin_describe(struct hm_cx *cx, const struct trust_plugin_program *p,
				     const struct oci_annotations *config,
				     struct trust_plugin *out);

/* --- verification --- */

/* Where plugins are, and what they are told besides. */
struct trust_plugin_use {
	const char *config_dir;
	const struct oci_annotations *config; /* or NULL */
};
/* The plugin that a signature must be verified by. */
struct trust_verifier {
	struct trust_plugin_program program;
	struct trust_plugin about;
};
/* HM_TRUST, HM_ABSENT, HM_INPUT: there is none, it is too old, or it cannot verify; else as
 * trust_plugin_run(). */
HM_MUST hm_err trust_verifier_find(struct hm_cx *cx, const struct trust_plugin_use *use,
				   const struct envelope_notary *n, struct trust_verifier **out);

struct trust_verification {
	const struct trust_claim *claim;
	const struct trust_statement *statement;
	bool wanted[TRUST_CAPABILITIES]; /* which of the TRUST_VERIFIES_ */
};
struct trust_plugin_verdict {
	bool good[TRUST_CAPABILITIES];
	struct hm_str why[TRUST_CAPABILITIES]; /* its reason */
	struct hm_strs processed;
};
/* verify-signature. A check that is not good is in *out. HM_TRUST: a critical attribute was not
 * looked at, or is none for plugins. HM_INPUT: a check was not made. Else as trust_plugin_run(). */
HM_MUST hm_err trust_verifier_ask(struct hm_cx *cx, const struct trust_verifier *v,
				  const struct trust_plugin_use *use,
				  const struct trust_verification *q,
				  struct trust_plugin_verdict *out);

#endif
