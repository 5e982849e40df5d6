/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h - media types, descriptors and manifests.
 */
#ifndef OCI_MANIFEST_H
#define OCI_MANIFEST_H

#include "codec/json.h"

/* --- media types --- */
#define OCI_MANIFEST   "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX      "application/vnd.oci.image.index.v1+json"
#define OCI_CONFIG     "application/vnd.oci.image.config.v1+json"
#define OCI_EMPTY      "application/vnd.oci.empty.v1+json"
#define OCI_LAYER      "application/vnd.oci.image.layer.v1.tar"
#define OCI_LAYER_GZIP "application/vnd.oci.image.layer.v1.tar+gzip"
#define OCI_LAYER_ZSTD "application/vnd.oci.image.layer.v1.tar+zstd"
/* of image-spec 1.1.0-rc1 and rc2, withdrawn since: read, never written; "blobs" are its layers */
#define OCI_ARTIFACT    "application/vnd.oci.artifact.manifest.v1+json"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_INDEX    "application/vnd.docker.distribution.manifest.list.v2+json"
#define OCI_CREATED     "org.opencontainers.image.created"
#define OCI_BASE_DIGEST "org.opencontainers.image.base.digest"
#define OCI_BASE_NAME   "org.opencontainers.image.base.name"
#define OCI_TITLE       "org.opencontainers.image.title"
#define OCI_EMPTY_BYTES "{}"
/* annotations of a layer that is a folder (ORAS): "true"; the digest of the inflated archive */
#define OCI_UNPACK         "io.deis.oras.content.unpack"
#define OCI_CONTENT_DIGEST "io.deis.oras.content.digest"

/* --- descriptors and manifests --- */

struct oci_annotation {
	struct hm_str key, value;
};
struct oci_annotations {
	struct oci_annotation *p;
	size_t n, cap;
};
/* The first value under `key`; empty where there is none. */
struct hm_str oci_annotation_get(const struct oci_annotations *a, const char *key);
/* A member "annotations": none where it is absent or null. HM_INPUT: no object of strings.
 * HM_LIMIT: HM_MAX_ANNOTATIONS. */
HM_MUST hm_err oci_annotations_parse(struct hm_cx *cx, struct json v, struct oci_annotations *out);
bool oci_media_type_is_index(struct hm_str t);    /* OCI or Docker */
bool oci_media_type_is_artifact(struct hm_str t); /* OCI_ARTIFACT */

struct oci_platform {
	struct hm_str os, architecture, variant, os_version;
};

struct oci_descriptor {
	struct hm_str media_type, digest, artifact_type;
	uint64_t size;
	struct oci_annotations annotations;
	struct oci_platform platform;
	struct hm_str data; /* embedded content, decoded; empty: none */
	/* What a place that holds what it lists has read under this digest; or NULL. It lives as
	 * long as the place; copies do not have it. */
	const struct oci_manifest *read;
};

enum oci_manifest_kind { OCI_IS_MANIFEST, OCI_IS_INDEX };

/* An image manifest or index, OCI or Docker. .bytes is what was hashed; everything points into
 * cx. */
struct oci_manifest {
	enum oci_manifest_kind kind;
	struct hm_str bytes, media_type, artifact_type;
	struct oci_descriptor config;  /* OCI_IS_MANIFEST; an artifact manifest has none */
	struct oci_descriptor *layers; /* layers, or manifests of an index */
	size_t layers_n;
	struct oci_descriptor subject; /* digest empty: none */
	struct oci_annotations annotations;
};
/* HM_INPUT; HM_LIMIT: HM_MAX_MANIFEST, HM_MAX_MANIFEST_LAYERS, ... `media_type` from the transport;
 * where it and the document disagree: HM_INPUT. */
HM_MUST hm_err oci_manifest_parse(struct hm_cx *cx, struct hm_str bytes, struct hm_str media_type,
				  struct oci_manifest *out);
/* The artifact type by which referrers are filtered: artifactType, else the config's media type. */
struct hm_str oci_manifest_artifact_type(const struct oci_manifest *m);
/* Deterministic bytes: fixed member order, annotations sorted. HM_USAGE: an artifact manifest. */
HM_MUST hm_err oci_manifest_format(struct hm_cx *cx, const struct oci_manifest *m,
				   struct hm_str *out);
/* "OS/ARCHITECTURE[/VARIANT]". HM_USAGE. */
HM_MUST hm_err oci_platform_parse(struct hm_cx *cx, struct hm_str text, struct oci_platform *out);
/* The same as text; empty where it has no OS. */
struct hm_str oci_platform_text(struct hm_cx *cx, const struct oci_platform *p);
/* Is `have` what `want` asks for? Other names of an architecture count as the same ("x86_64"), and
 * so does the variant that is its default (v8 of arm64, v7 of arm); an os.version counts where
 * `want` has one. */
bool oci_platform_matches(const struct oci_platform *want, const struct oci_platform *have);

#endif
