/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, sorted by name; a command is one file and one line here. */
#include "cli/cli.h"

/* clang-format off */
#define COMMANDS(X)    \
	X(admit) \
	X(attach) \
	X(attest) \
	X(attest_generate) \
	X(attest_show) \
	X(attest_verify) \
	X(blob_inspect) \
	X(blob_policy_import) \
	X(blob_policy_init) \
	X(blob_policy_show) \
	X(blob_sign) \
	X(blob_verify) \
	X(cert_add) \
	X(cert_delete) \
	X(cert_generate_test) \
	X(cert_list) \
	X(cert_show) \
	X(completion) \
	X(copy) \
	X(db_import) \
	X(db_status) \
	X(db_update) \
	X(discover) \
	X(graph_backup) \
	X(graph_built_by) \
	X(graph_contains) \
	X(graph_dependents) \
	X(graph_diff) \
	X(graph_expiring) \
	X(graph_exposed) \
	X(graph_frequent) \
	X(graph_ingest) \
	X(graph_licences) \
	X(graph_path) \
	X(graph_plan) \
	X(graph_radius) \
	X(graph_restore) \
	X(graph_revoked) \
	X(graph_search) \
	X(graph_show) \
	X(graph_signed_by) \
	X(graph_stats) \
	X(graph_unproven) \
	X(graph_watch) \
	X(inspect) \
	X(key_add) \
	X(key_delete) \
	X(key_export) \
	X(key_generate) \
	X(key_import) \
	X(key_list) \
	X(key_migrate) \
	X(key_update) \
	X(list) \
	X(login) \
	X(logout) \
	X(manifest_fetch) \
	X(manual_command) \
	X(patch) \
	X(plugin_install) \
	X(plugin_list) \
	X(plugin_uninstall) \
	X(policy_check) \
	X(policy_explain) \
	X(policy_history) \
	X(policy_import) \
	X(policy_init) \
	X(policy_schema) \
	X(policy_show) \
	X(pull) \
	X(push) \
	X(release) \
	X(repair) \
	X(repo_tags) \
	X(resolve) \
	X(sbom) \
	X(scan) \
	X(serve) \
	X(sign) \
	X(sign_bundle) \
	X(tag) \
	X(trust_root_init) \
	X(trust_root_show) \
	X(trust_root_update) \
	X(verify) \
	X(verify_bundle) \
	X(version) \
	X(vex_attach) \
	X(vex_create) \
	X(vex_merge) \
	X(vex_verify)
/* clang-format on */

#define DECLARE(name) extern const struct cli_command cli_##name;
#define LIST(name)    &cli_##name,

COMMANDS(DECLARE)
const struct cli_command *const cli_commands[] = { COMMANDS(LIST) NULL };
