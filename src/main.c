/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/advisory.h"
#include "base/worker.h"
#include "cli/cli.h"
#include "graph/graph.h"
#include "inventory/inventory.h"
#include "oci/oci.h"
#include "repair/repair.h"
#include "trust/trust.h"

/* What a sandboxed worker may be asked to do. */
static const struct hm_job jobs[] = {
	{ ADVISORY_OSV_JOB, advisory_osv_job, false },
	{ GRAPH_CLUSTER_JOB, graph_cluster_job, false },
	{ GRAPH_DOCUMENT_JOB, cli_graph_document_job, false },
	{ "inventory-layer", inventory_layer_job, false },
	{ "inventory-sbom", inventory_sbom_job, false },
	{ OCI_FOLDER_JOB, oci_folder_job, true },
	{ "repair-apk-package", repair_apk_package_job, true },
	{ "repair-apk-scripts", repair_apk_scripts_job, false },
	{ "repair-apk-signed", repair_apk_signed_job, false },
	{ "repair-apk-solve", repair_apk_solve_job, false, HM_JOB_PARSES, repair_solve_load },
	{ "repair-container", repair_container_job, false, HM_JOB_LOADS },
	{ "repair-container-changes", repair_changes_job, true },
	{ "repair-deb", repair_deb_job, true },
	{ "repair-java-check", repair_java_check_job, false },
	{ "repair-java-jar", repair_java_jar_job, true },
	{ "repair-java-plan", repair_java_plan_job, false },
	{ "repair-java-write", repair_java_write_job, false },
	{ "repair-layer", repair_layer_job, false },
	{ "repair-layer-file", repair_layer_file_job, true },
	{ "repair-npm-package", repair_npm_package_job, true },
	{ "repair-npm-plan", repair_npm_plan_job, false },
	{ "repair-python-plan", repair_python_plan_job, false },
	{ "repair-python-record", repair_python_record_job, false },
	{ "repair-python-wheel", repair_python_wheel_job, true },
	{ "repair-rpm-database", repair_rpm_database_job, false },
	{ "repair-rpm-head", repair_rpm_head_job, false },
	{ "repair-rpm-payload", repair_rpm_payload_job, true },
	{ "repair-rpm-repomd", repair_rpm_repomd_job, false, HM_JOB_PARSES, repair_rpm_solve_load },
	{ "repair-rpm-scripts", repair_rpm_scripts_job, false },
	{ "repair-rpm-solve", repair_rpm_solve_job, false, HM_JOB_PARSES, repair_rpm_solve_load },
	{ "repair-rpm-write", repair_rpm_write_job, false },
	{ "repair-scripts", repair_script_job, false },
	{ "repair-solve", repair_solve_job, false, HM_JOB_PARSES, repair_solve_load },
	{ TRUST_PLUGIN_JOB, trust_plugin_job, true },
	{ TRUST_KEY_JOB, trust_key_job, true, HM_JOB_KEEPS },
	{ TRUST_GOOGLE_JOB, trust_google_job, true, HM_JOB_KEEPS },
	{ TRUST_SEALED_JOB, trust_sealed_job, true, HM_JOB_LOADS, NULL, "COSIGN_PASSWORD" },
	{ TRUST_TOKEN_JOB, trust_token_job, true, HM_JOB_LOADS },
	{ 0 },
};

int main(int argc, char **argv)
{
	hm_worker_jobs(jobs);
	hm_worker_main(argc, argv);
	return cli_main(argc, argv);
}
