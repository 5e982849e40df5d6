/* SPDX-License-Identifier: Apache-2.0 */
/* The types of members of documents, as their specifications have them; of those that are read. */
#include "graph/documents/documents.h"

#define MEMBERS(...) ((const struct graph_member[]){ __VA_ARGS__, { 0 } })

const struct graph_shape graph_spdx_shape[] = {
	{ "", MEMBERS({ "spdxVersion", 's' }, { "name", 's' }, { "documentNamespace", 's' },
		      { "creationInfo", 'o' }, { "packages", 'a' }, { "files", 'a' },
		      { "relationships", 'a' }, { "documentDescribes", 'a' },
		      { "hasExtractedLicensingInfos", 'a' }) },
	{ "creationInfo", MEMBERS({ "created", 's' }, { "licenseListVersion", 's' }) },
	{ "packages/*", MEMBERS({ "SPDXID", 's' }, { "name", 's' }, { "versionInfo", 's' },
				{ "externalRefs", 'a' }, { "checksums", 'a' },
				{ "licenseDeclared", 's' }, { "licenseConcluded", 's' },
				{ "licenseComments", 's' }, { "copyrightText", 's' }) },
	{ "packages/*/externalRefs/*",
	  MEMBERS({ "referenceCategory", 's' }, { "referenceType", 's' },
		  { "referenceLocator", 's' }) },
	{ "packages/*/checksums/*", MEMBERS({ "algorithm", 's' }, { "checksumValue", 's' }) },
	{ "files/*", MEMBERS({ "SPDXID", 's' }, { "fileName", 's' }, { "checksums", 'a' }) },
	{ "files/*/checksums/*", MEMBERS({ "algorithm", 's' }, { "checksumValue", 's' }) },
	{ "relationships/*", MEMBERS({ "spdxElementId", 's' }, { "relatedSpdxElement", 's' },
				     { "relationshipType", 's' }, { "comment", 's' }) },
	{ "hasExtractedLicensingInfos/*", MEMBERS({ "licenseId", 's' }, { "extractedText", 's' }) },
	{ 0 },
};

/* In XML numbers are texts. */
const struct graph_shape graph_cyclonedx_shape[] = {
	{ "", MEMBERS({ "specVersion", 's' }, { "serialNumber", 's' }, { "metadata", 'o' },
		      { "components", 'a' }, { "dependencies", 'a' }, { "vulnerabilities", 'a' }) },
	{ "metadata", MEMBERS({ "timestamp", 's' }, { "component", 'o' }) },
	{ "metadata/component",
	  MEMBERS({ "type", 's' }, { "bom-ref", 's' }, { "name", 's' }, { "version", 's' },
		  { "purl", 's' }, { "hashes", 'a' }, { "licenses", 'a' }, { "copyright", 's' }) },
	{ "components/*",
	  MEMBERS({ "type", 's' }, { "bom-ref", 's' }, { "name", 's' }, { "version", 's' },
		  { "purl", 's' }, { "hashes", 'a' }, { "licenses", 'a' }, { "copyright", 's' },
		  { "components", 'a' }) },
	{ "components/*/hashes/*", MEMBERS({ "alg", 's' }, { "content", 's' }) },
	{ "components/*/licenses/*", MEMBERS({ "license", 'o' }, { "expression", 's' }) },
	{ "components/*/licenses/*/license", MEMBERS({ "id", 's' }, { "name", 's' }) },
	{ "dependencies/*", MEMBERS({ "ref", 's' }, { "dependsOn", 'a' }) },
	{ "vulnerabilities/*", MEMBERS({ "id", 's' }, { "bom-ref", 's' }, { "description", 's' },
				       { "detail", 's' }, { "published", 's' }, { "ratings", 'a' },
				       { "analysis", 'o' }, { "affects", 'a' }) },
	{ "vulnerabilities/*/analysis", MEMBERS({ "state", 's' }, { "justification", 's' },
						{ "detail", 's' }, { "response", 'a' }) },
	{ "vulnerabilities/*/ratings/*", MEMBERS({ "method", 's' }) },
	{ "vulnerabilities/*/affects/*", MEMBERS({ "ref", 's' }, { "versions", 'a' }) },
	{ 0 },
};

const struct graph_shape graph_statement_shape[] = {
	{ "", MEMBERS({ "_type", 's' }, { "type", 's' }, { "predicateType", 's' },
		      { "predicate_type", 's' }, { "subject", 'a' }, { "predicate", 'o' }) },
	{ "subject/*", MEMBERS({ "name", 's' }, { "uri", 's' }, { "digest", 'o' }) },
	{ "subject/*/digest", MEMBERS({ "*", 's' }) },
	{ 0 },
};

const struct graph_shape graph_slsa_shape[] = {
	{ "predicate", MEMBERS({ "builder", 'o' }, { "buildType", 's' }, { "metadata", 'o' },
			       { "materials", 'a' }, { "buildDefinition", 'o' },
			       { "runDetails", 'o' }, { "recipe", 'o' }) },
	{ "predicate/builder", MEMBERS({ "id", 's' }) },
	{ "predicate/metadata", MEMBERS({ "buildStartedOn", 's' }, { "buildFinishedOn", 's' }) },
	{ "predicate/materials/*", MEMBERS({ "uri", 's' }, { "digest", 'o' }) },
	{ "predicate/materials/*/digest", MEMBERS({ "*", 's' }) },
	{ "predicate/buildDefinition",
	  MEMBERS({ "buildType", 's' }, { "resolvedDependencies", 'a' }) },
	{ "predicate/buildDefinition/resolvedDependencies/*",
	  MEMBERS({ "uri", 's' }, { "name", 's' }, { "digest", 'o' }) },
	{ "predicate/runDetails", MEMBERS({ "builder", 'o' }, { "metadata", 'o' }) },
	{ "predicate/runDetails/builder", MEMBERS({ "id", 's' }) },
	{ "predicate/runDetails/metadata", MEMBERS({ "startedOn", 's' }, { "finishedOn", 's' }) },
	{ 0 },
};

const struct graph_shape graph_scorecard_shape[] = {
	{ "", MEMBERS({ "date", 's' }, { "repo", 'o' }, { "scorecard", 'o' }, { "score", 'n' },
		      { "checks", 'a' }) },
	{ "repo", MEMBERS({ "name", 's' }, { "commit", 's' }) },
	{ "scorecard", MEMBERS({ "version", 's' }, { "commit", 's' }) },
	{ "checks/*", MEMBERS({ "name", 's' }, { "score", 'n' }) },
	{ 0 },
};

const struct graph_shape graph_openvex_shape[] = {
	{ "",
	  MEMBERS({ "@id", 's' }, { "author", 's' }, { "timestamp", 's' }, { "statements", 'a' }) },
	{ "statements/*",
	  MEMBERS({ "status", 's' }, { "products", 'a' }, { "justification", 's' },
		  { "impact_statement", 's' }, { "action_statement", 's' }, { "timestamp", 's' }) },
	{ 0 },
};

const struct graph_shape graph_csaf_shape[] = {
	{ "", MEMBERS({ "document", 'o' }, { "product_tree", 'o' }, { "vulnerabilities", 'a' }) },
	{ "document", MEMBERS({ "category", 's' }, { "csaf_version", 's' }, { "tracking", 'o' },
			      { "publisher", 'o' }) },
	{ "document/tracking", MEMBERS({ "id", 's' }, { "current_release_date", 's' }) },
	{ "product_tree", MEMBERS({ "branches", 'a' }, { "full_product_names", 'a' },
				  { "relationships", 'a' }, { "product_groups", 'a' }) },
	{ "vulnerabilities/*",
	  MEMBERS({ "cve", 's' }, { "product_status", 'o' }, { "flags", 'a' }, { "threats", 'a' },
		  { "remediations", 'a' }, { "ids", 'a' }) },
	{ 0 },
};
