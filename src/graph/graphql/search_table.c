/* SPDX-License-Identifier: Apache-2.0 */
/* What can be searched, by GUAC's names. */
#include "graph/graphql/graphql.h"

/* One that is named regularly: X, XList, XConnection, XEdge. */
#define FACT(name, argument, fact, since)                                                \
	{                                                                                \
#name, #name, #name "List", #argument, #name "Spec", #name "Connection", \
			#name "Edge", GRAPH_NO_NOUN, GRAPH_##fact, since                 \
	}
#define NOUN(name, all, list, argument, spec, noun)                                     \
	{                                                                               \
#name, #all, #list, #argument, #spec, #name "Connection", #name "Edge", \
			GRAPH_##noun, GRAPH_NO_FACT, false                              \
	}

const struct gql_search graph_gql_searches[] = {
	NOUN(Artifact, artifacts, artifactsList, artifactSpec, ArtifactSpec, ARTIFACT),
	NOUN(Builder, builders, buildersList, builderSpec, BuilderSpec, BUILDER),
	NOUN(License, licenses, licenseList, licenseSpec, LicenseSpec, LICENCE),
	NOUN(Package, packages, packagesList, pkgSpec, PkgSpec, PACKAGE),
	NOUN(Source, sources, sourcesList, sourceSpec, SourceSpec, SOURCE),
	NOUN(Vulnerability, vulnerabilities, vulnerabilityList, vulnSpec, VulnerabilitySpec,
	     VULNERABILITY),
	FACT(CertifyBad, certifyBadSpec, CERTIFY_BAD, true),
	FACT(CertifyGood, certifyGoodSpec, CERTIFY_GOOD, true),
	FACT(CertifyLegal, certifyLegalSpec, CERTIFY_LEGAL, false),
	{ "CertifyScorecard", "scorecards", "scorecardsList", "scorecardSpec",
	  "CertifyScorecardSpec", "CertifyScorecardConnection", "CertifyScorecardEdge",
	  GRAPH_NO_NOUN, GRAPH_CERTIFY_SCORECARD, false },
	{ "CertifyVEXStatement", "CertifyVEXStatement", "CertifyVEXStatementList",
	  "certifyVEXStatementSpec", "CertifyVEXStatementSpec", "VEXConnection", "VEXEdge",
	  GRAPH_NO_NOUN, GRAPH_CERTIFY_VEX, false },
	FACT(CertifyVuln, certifyVulnSpec, CERTIFY_VULN, false),
	FACT(HasMetadata, hasMetadataSpec, HAS_METADATA, true),
	FACT(HasSBOM, hasSBOMSpec, HAS_SBOM, true),
	FACT(HasSLSA, hasSLSASpec, HAS_SLSA, false),
	FACT(HasSourceAt, hasSourceAtSpec, HAS_SOURCE_AT, false),
	FACT(HashEqual, hashEqualSpec, HASH_EQUAL, false),
	FACT(IsDependency, isDependencySpec, IS_DEPENDENCY, false),
	FACT(IsOccurrence, isOccurrenceSpec, IS_OCCURRENCE, false),
	FACT(PkgEqual, pkgEqualSpec, PKG_EQUAL, false),
	FACT(PointOfContact, pointOfContactSpec, POINT_OF_CONTACT, true),
	{ "VulnEqual", "vulnEqual", "vulnEqualList", "vulnEqualSpec", "VulnEqualSpec",
	  "VulnEqualConnection", "VulnEqualEdge", GRAPH_NO_NOUN, GRAPH_VULN_EQUAL, false },
	{ "VulnerabilityMetadata", "vulnerabilityMetadata", "vulnerabilityMetadataList",
	  "vulnerabilityMetadataSpec", "VulnerabilityMetadataSpec",
	  "VulnerabilityMetadataConnection", "VulnerabilityMetadataEdge", GRAPH_NO_NOUN,
	  GRAPH_VULN_METADATA, true },
	{ 0 },
};
