/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugins.h - programs that sign and verify in place of Hullmark (plugin-extensibility.md), in
 * DIR/plugins/NAME/notation-NAME.
 */
#ifndef TRUST_PLUGINS_H
#define TRUST_PLUGINS_H

#include "base/base.h"

enum trust_capability {
	TRUST_GENERATES_SIGNATURE,
	TRUST_GENERATES_ENVELOPE,
	TRUST_GENERATES_BLOB_ENVELOPE,
	TRUST_VERIFIES_IDENTITY,
	TRUST_VERIFIES_REVOCATION,
	TRUST_CAPABILITIES
};
/* Their names in the protocol. */
extern const char *const trust_capability_names[TRUST_CAPABILITIES];
/* What a plugin says about itself. */
struct trust_plugin {
	struct hm_str name, description, version, url;
	bool can[TRUST_CAPABILITIES];
	hm_err bad; /* in a list: why it cannot be used; then only the name is known. Or NULL */
};
/* All installed plugins, sorted by name; each is run once, and describes itself. */
HM_MUST hm_err trust_plugin_list(struct hm_cx *cx, const char *config_dir,
				 struct trust_plugin **out, size_t *out_n);

struct trust_plugin_source {
	const char *path;        /* a zip file, a gzip'd tar archive, or the program itself */
	struct hm_str file_name; /* what the program is called, where it is that */
	struct hm_str sha256;    /* in hex; empty: any */
	bool force;              /* whatever is installed is replaced */
};
struct trust_plugin_installed {
	struct trust_plugin now, before; /* before.version is empty where nothing was there */
};
/*
 * Unpack it, let it describe itself, and move it to its place in one step. HM_TRUST: another
 * SHA-256. HM_INPUT: no plugin, a name that leads elsewhere. HM_LIMIT: HM_MAX_PLUGIN. HM_USAGE: not
 * newer than what is there.
 */
HM_MUST hm_err trust_plugin_install(struct hm_cx *cx, const char *config_dir,
				    const struct trust_plugin_source *source,
				    struct trust_plugin_installed *out);
/* HM_ABSENT. */
HM_MUST hm_err trust_plugin_uninstall(struct hm_cx *cx, const char *config_dir, struct hm_str name);

/* For main()'s table of jobs: it reads the archive of a plugin. */
#define TRUST_PLUGIN_JOB "trust-plugin"
HM_MUST hm_err trust_plugin_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

#endif
