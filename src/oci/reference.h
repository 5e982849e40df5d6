/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference.h - digests, references, and the targets of the command line.
 */
#ifndef OCI_REFERENCE_H
#define OCI_REFERENCE_H

#include "crypto/crypto.h"

/* HM_INPUT: not "algorithm:hex" of a known algorithm (sha256, sha384, sha512) and length. */
HM_MUST hm_err oci_digest_parse(struct hm_cx *cx, struct hm_str text, enum crypto_digest *out_alg,
				struct hm_str *out_hex);
/* HM_TRUST: the bytes do not have the digest. */
HM_MUST hm_err oci_digest_check(struct hm_cx *cx, struct hm_str digest, struct hm_str bytes);

enum oci_kind {
	OCI_REGISTRY,
	OCI_LAYOUT,
	OCI_ARCHIVE,
	OCI_DOCKER_ARCHIVE,
	OCI_DIR,
	OCI_FILE,
	OCI_SBOM
};

/* A target of the command line: REGISTRY/REPO[:TAG][@DIGEST], oci:DIR[:TAG][@DIGEST],
 * oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], dir:PATH, file:PATH, sbom:FILE. */
struct oci_target {
	enum oci_kind kind;
	struct hm_str text;     /* as given */
	struct hm_str registry; /* in its normal form (oci_registry_parse); "docker.io" where none
				   is given, as in containerd */
	struct hm_str repository;
	struct hm_str address; /* HOST[:PORT] to connect to, with a port that the name leaves out */
	struct hm_str path;    /* of all but OCI_REGISTRY */
	struct hm_str tag;     /* empty: none given */
	struct hm_str digest;  /* empty: none given */
};
/*
 * A registry's name in its normal form, in which names are compared everywhere (trust policies,
 * credentials, caches, configuration): the host in its one spelling (http_host_parse), no zeros
 * before the port, 443 left out; docker.io, index.docker.io and registry-1.docker.io are docker.io.
 * 80 stays: it is the default of plain HTTP alone. HM_INPUT: not HOST[:PORT].
 */
HM_MUST hm_err oci_registry_parse(struct hm_cx *cx, struct hm_str text, struct hm_str *out_name,
				  struct hm_str *out_address);
/* REGISTRY/REPOSITORY likewise; an official image of Docker Hub is below library/. HM_INPUT,
 * HM_LIMIT. */
HM_MUST hm_err oci_repository_parse(struct hm_cx *cx, struct hm_str text, struct hm_str *out);
/* One part of a repository's name, between slashes (distribution-spec, "Pulling manifests"). */
bool oci_path_component_is_valid(struct hm_str s);
/* HM_USAGE: not a target; says what is wrong and shows the forms. */
HM_MUST hm_err oci_target_parse(struct hm_cx *cx, struct hm_str text, struct oci_target *out);
/* Does it hold images and other manifests, which oci_open() takes? dir:, file: and sbom: do not. */
bool oci_target_is_place(const struct oci_target *t);
/* "registry/repository@digest" (or the layout's path@digest), which reads as itself, here and
 * elsewhere: a registry of one word has its port, or it would be a folder of Docker Hub's. */
struct hm_str oci_target_with_digest(struct hm_cx *cx, const struct oci_target *t,
				     struct hm_str digest);
/* As package-url has it, type oci: the name's last part, the digest as version, and for a registry
 * repository_url. */
struct hm_str oci_target_purl(struct hm_cx *cx, const struct oci_target *t, struct hm_str digest);

/* "sha256-<hex>", and what Cosign puts behind it (".sig"): tags that stand for what refers to an
 * image, where the registry has no referrers API. */
bool oci_is_digest_tag(struct hm_str tag);

#endif
