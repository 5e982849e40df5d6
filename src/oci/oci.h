/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci.h - references, descriptors, manifests, and the places where artifacts live.
 *
 * Sources: OCI image-spec 1.1, distribution-spec 1.1. A *place* is a registry repository, an OCI
 * layout folder, or an archive; all have the same operations, a table of them for each kind
 * (place.h), so that every verb works on every target. Bytes read from a place are compared with
 * the digest that was asked for before anybody sees the end of them: a difference is HM_TRUST.
 * What a server says about digests, sizes and types is compared, never believed.
 *
 * The law of the room: a place is opened and closed by one thread and may be used by several in
 * between. What is returned lies in the caller's cx and outlives the place. Children are written
 * before their parents, and an index.json is changed under a lock on the layout's oci-layout file
 * and replaced by a rename, so that a kill leaves nothing dangling.
 *
 * Registries: a credential goes to the origin that it is for and to the token server that this
 * origin names, never with a redirect. Who a redirect leads to is told what config.json has for
 * that host, or nothing. A registry on this machine (http_is_loopback) is asked by TLS first, and
 * without where it speaks none. What a registry throttles (429) or cannot answer now is HM_BUSY:
 * unknown, never absent. Docker archives of the older form have no digests: a manifest is made up,
 * the same every time.
 */
#ifndef OCI_OCI_H
#define OCI_OCI_H

#include "base/base.h"
#include "codec/json.h"
#include "crypto/crypto.h"
#include "http/http.h"

/* --- media types --- */
#define OCI_MANIFEST    "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX       "application/vnd.oci.image.index.v1+json"
#define OCI_CONFIG      "application/vnd.oci.image.config.v1+json"
#define OCI_EMPTY       "application/vnd.oci.empty.v1+json"
#define OCI_LAYER       "application/vnd.oci.image.layer.v1.tar"
#define OCI_LAYER_GZIP  "application/vnd.oci.image.layer.v1.tar+gzip"
#define OCI_LAYER_ZSTD  "application/vnd.oci.image.layer.v1.tar+zstd"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_INDEX    "application/vnd.docker.distribution.manifest.list.v2+json"
#define OCI_CREATED     "org.opencontainers.image.created"
#define OCI_TITLE       "org.opencontainers.image.title"
#define OCI_EMPTY_BYTES "{}"
/* annotations of a layer that is a folder (ORAS): "true"; the digest of the inflated archive */
#define OCI_UNPACK         "io.deis.oras.content.unpack"
#define OCI_CONTENT_DIGEST "io.deis.oras.content.digest"

/* --- digests and references --- */

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
/* "registry/repository@digest" (or the layout's path@digest). */
struct hm_str oci_target_with_digest(struct hm_cx *cx, const struct oci_target *t,
				     struct hm_str digest);

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
bool oci_media_type_is_index(struct hm_str t); /* OCI or Docker */

struct oci_platform {
	struct hm_str os, architecture, variant, os_version;
};

struct oci_descriptor {
	struct hm_str media_type, digest, artifact_type;
	uint64_t size;
	struct oci_annotations annotations;
	struct oci_platform platform;
	struct hm_str data; /* embedded content, decoded; empty: none */
};

enum oci_manifest_kind { OCI_IS_MANIFEST, OCI_IS_INDEX };

/* An image manifest or index, OCI or Docker. .bytes is what was hashed; everything points into
 * cx. */
struct oci_manifest {
	enum oci_manifest_kind kind;
	struct hm_str bytes, media_type, artifact_type;
	struct oci_descriptor config;  /* OCI_IS_MANIFEST */
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
/* Deterministic bytes: fixed member order, annotations sorted. */
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

/* --- places --- */

/* How registries are reached: flags and files of the command, filled once. */
struct oci_access {
	struct http_client *http;
	bool plain_http;                  /* --plain-http */
	const struct hm_str *plain_hosts; /* registries[] of hullmark.yaml with plainHTTP */
	size_t plain_hosts_n;
	/* What the command was given, and the one registry, in its normal form, that it is for: no
	 * other gets it. NULL: none. A password without a name is an identity token. */
	struct hm_str given_for;
	const char *username;
	const struct hm_secret *password, *identity_token;
	/* More headers for it, which may be secret, too. With an Authorization among them no other
	 * credential is looked for. */
	const struct http_header *headers;
	size_t headers_n;
	const char *docker_config; /* folder of config.json; NULL: $DOCKER_CONFIG, else ~/.docker */
	/* Files to be read instead of config.json; the first that has a credential counts, and the
	 * first of all is the one that is written. */
	struct hm_strs config_files;
	struct hm_str accept; /* types of manifests to ask for; empty: all that are known */
	unsigned concurrency; /* transfers at once; 0: as many as is usual */
	struct hm_cache
		*cache; /* of manifests and small blobs that registries gave, by digest; or NULL */
	bool referrers_tag; /* --distribution-spec v1.1-referrers-tag: never use the API */
};

struct oci_place; /* one repository, layout or archive, opened */

enum oci_mode { OCI_READ, OCI_WRITE /* a layout is made where there is none */ };

/* HM_USAGE: a target without manifests (dir:, file:, sbom:), or an archive that is to be written.
 * HM_ABSENT: no such file, or no layout there that could be read. HM_INPUT: what is there is none.
 * Asks a registry nothing. To be closed; what `access` points to must outlive it. */
HM_MUST hm_err oci_open(struct hm_cx *cx, const struct oci_access *access,
			const struct oci_target *t, enum oci_mode mode, struct oci_place **out);
/* Bytes of blobs that come and go are added to `bar`, which the caller ends after the last of them;
 * NULL: none. */
void oci_show(struct oci_place *p, struct hm_progress *bar);
void oci_close(struct oci_place *p);
static inline void oci_close_ptr(struct oci_place **p)
{
	if (*p)
		oci_close(*p);
}
#define OCI_AUTO_PLACE HM_CLEANUP(oci_close_ptr) struct oci_place *

/* Where content goes as it arrives. */
struct oci_sink {
	hm_err (*add)(struct hm_cx *cx, void *arg, struct hm_str bytes);
	hm_err (*rewind)(struct hm_cx *cx, void *arg); /* start over, for a retry; NULL: cannot */
	void *arg;
};

/* All operations below take any place; those that a kind cannot do are HM_USAGE with the reason. */

/* The descriptor of a tag or digest. "": the target's own digest, else its tag; where it has
 * neither, the only image of a layout or archive (what refers to it does not count), or a
 * registry's tag "latest". HM_ABSENT; HM_USAGE: there are several. */
HM_MUST hm_err oci_resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			   struct oci_descriptor *out);
/* The manifest's bytes, verified against its digest, parsed. HM_ABSENT, HM_TRUST, HM_LIMIT. */
HM_MUST hm_err oci_fetch_manifest(struct hm_cx *cx, struct oci_place *p,
				  const struct oci_descriptor *d, struct oci_manifest *out);
/* A blob into memory (max bytes) or a sink; digest and size verified; on HM_TRUST what the sink got
 * is worthless. */
HM_MUST hm_err oci_fetch(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 size_t max, struct hm_str *out);
HM_MUST hm_err oci_fetch_to(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			    struct oci_sink sink);
/* Is the manifest or blob there? By digest alone: its bytes are not looked at. */
HM_MUST hm_err oci_exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			  bool *out);
/* Referrers of `subject`, all pages; artifact_type "" for all; sorted by digest. The API, else the
 * fallback tag (an index whose digest is not the subject's); a child's artifact type is read from
 * its manifest where the list is in doubt. HM_BUSY: throttled: "unknown", never an empty list. */
HM_MUST hm_err oci_referrers(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, struct hm_str artifact_type,
			     struct oci_descriptor **out, size_t *out_n);
/* Begin to ask for the referrers of `digest` now, beside what is asked next: the first
 * oci_referrers() for it and `artifact_type` takes the answer. Nothing where the place is at hand.
 * Once, before threads share the place. */
void oci_referrers_ahead(struct hm_cx *cx, struct oci_place *p, struct hm_str digest,
			 struct hm_str artifact_type);
/* Sorted, each once; all pages. HM_LIMIT: HM_MAX_TAGS. HM_INPUT: a registry's list with something
 * else in it. */
HM_MUST hm_err oci_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out);

/* Upload unless it is there: bytes, or a body that is read once (again where it can be rewound).
 * One that does not have the descriptor's digest or size: HM_TRUST. */
HM_MUST hm_err oci_push_bytes(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			      struct hm_str bytes);
HM_MUST hm_err oci_push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			     struct http_body body);
/* A file as a blob; *out is its descriptor. HM_INPUT: not a regular file. The second takes one that
 * is open, whatever its offset. */
HM_MUST hm_err oci_push_file(struct hm_cx *cx, struct oci_place *p, const char *path,
			     struct hm_str media_type, struct oci_descriptor *out);
HM_MUST hm_err oci_push_fd(struct hm_cx *cx, struct oci_place *p, int fd, const char *name,
			   struct hm_str media_type, struct oci_descriptor *out);
/* Push a manifest by digest, and under `tag` unless empty; updates the fallback index where its
 * subject needs one. */
HM_MUST hm_err oci_push_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
				 struct hm_str media_type, struct hm_str tag,
				 struct oci_descriptor *out);
/* Let the tag stand for a manifest that is there, whatever it stood for. */
HM_MUST hm_err oci_tag(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		       struct hm_str tag);
/* Remove a manifest (and, in a layout, its index entry). HM_ABSENT. */
HM_MUST hm_err oci_delete(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d);

/* --- whole operations --- */

/* Copy what `d` names, with everything below it, and with all referrers where `referrers`; tagged
 * unless `tag` is empty. What is already there is not sent again; children before parents, so that
 * a kill leaves nothing dangling. */
HM_MUST hm_err oci_copy(struct hm_cx *cx, struct oci_place *from, const struct oci_descriptor *d,
			struct oci_place *to, struct hm_str tag, bool referrers,
			struct hm_progress *bar);

/* One file as an artifact that refers to `subject` (empty digest: none). `annotations` are the
 * manifest's. */
struct oci_artifact {
	struct hm_str artifact_type, blob_type, bytes;
	struct hm_str title; /* org.opencontainers.image.title of the layer; "" : none */
	struct oci_annotations annotations;
	struct oci_descriptor subject;
};
/* Push its blob, the empty config (image-spec, "Guidance for an empty descriptor") and the
 * manifest; *out is the manifest's descriptor. */
HM_MUST hm_err oci_attach(struct hm_cx *cx, struct oci_place *p, const struct oci_artifact *a,
			  struct oci_descriptor *out);

/*
 * A folder as a blob: tar+gzip, its paths below `name`, times and owners left out
 * (SOURCE_DATE_EPOCH gives the time), so that the same files give the same digest. media_type "":
 * OCI_LAYER_GZIP. *out has the two annotations. HM_INPUT: a link that leads out of it, something
 * that is neither file, folder nor link.
 */
HM_MUST hm_err oci_push_folder(struct hm_cx *cx, struct oci_place *p, const char *path,
			       struct hm_str name, struct hm_str media_type,
			       struct oci_descriptor *out);
/* The folder of a blob at the path `to`, whose parent is there: verified, unpacked beside it, and
 * only then put there, in one step where nothing is there yet. HM_TRUST; HM_INPUT: what would lead
 * out of it, before anything is changed. */
HM_MUST hm_err oci_pull_folder(struct hm_cx *cx, struct oci_place *p,
			       const struct oci_descriptor *d, struct hm_str name, const char *to);
#define OCI_FOLDER_JOB "oci-folder"
/* For the table of jobs of main(). */
HM_MUST hm_err oci_folder_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

/* An image behind a descriptor: the manifest of one platform of an index, or itself.
 * HM_ABSENT names the platforms there are. platform NULL: linux and this machine's architecture,
 * else the only one. */
HM_MUST hm_err oci_image(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 const struct oci_platform *platform, struct oci_descriptor *out_d,
			 struct oci_manifest *out);

/* --- credentials --- */
struct oci_credential {
	struct hm_str username;
	struct hm_secret password;
	struct hm_secret identity_token; /* is exchanged for a token (OAuth's refresh token) */
	struct hm_secret registry_token; /* is itself what the registry wants */
};
void oci_credential_done(struct oci_credential *c);
#define OCI_AUTO_CREDENTIAL HM_CLEANUP(oci_credential_done) struct oci_credential

/* For "REGISTRY[/REPOSITORY]" in normal form: what the command was given, else from Docker's
 * config.json: auths with a path (the longest that is the beginning of the repository),
 * credHelpers, credsStore, auths; empty where there is none. Where config.json has it, and others
 * can read that file, warns of it (hm_secret_warn). */
HM_MUST hm_err oci_credential_find(struct hm_cx *cx, const struct oci_access *a, struct hm_str name,
				   struct oci_credential *out);
/* Into the helper that config.json names for the registry, else into config.json itself, mode 0600,
 * whose other members stay. */
HM_MUST hm_err oci_credential_store(struct hm_cx *cx, const struct oci_access *a,
				    struct hm_str registry, const struct oci_credential *c);
/* From both. HM_ABSENT: there is none in config.json, and no helper. */
HM_MUST hm_err oci_credential_erase(struct hm_cx *cx, const struct oci_access *a,
				    struct hm_str registry);
/* Try them: GET /v2/. HM_DENIED. */
HM_MUST hm_err oci_login_check(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
			       const struct oci_credential *c);

/* --- the embedded registry --- */
struct oci_registry;
/*
 * DATA/repos/NAME/ is an OCI layout whose blobs are hard links into DATA/blobs/. One process a
 * folder (HM_BUSY). What goes away when: DELETE of a tag leaves its manifest; DELETE of a manifest
 * takes its tags and itself, not its blobs; DELETE of a blob takes it from its repository, and from
 * the disk when no other has it. Opening removes blobs that no repository links to, and uploads
 * that nobody touched for a day. Where there are HM_MAX_UPLOADS of them, the one that nobody
 * touched for the longest time, HM_MAX_HTTP_STALL at least, goes.
 */
struct oci_registry_config {
	const char *data_dir;
	bool sparse; /* manifests and indexes are taken although what they name is not there */
};
HM_MUST hm_err oci_registry_open(struct hm_cx *cx, const struct oci_registry_config *config,
				 struct oci_registry **out);
void oci_registry_close(struct oci_registry *r);
/* Routes under /v2/ for http_server; ended by a row without prefix. */
const struct http_route *oci_registry_routes(struct oci_registry *r);

#endif
