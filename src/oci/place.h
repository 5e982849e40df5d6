/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place.h - registries, layouts and archives, and what is done with them.
 */
#ifndef OCI_PLACE_H
#define OCI_PLACE_H

#include "http/http.h"
#include "oci/manifest.h"
#include "oci/reference.h"

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
	struct oci_record *record; /* of what is pushed (record.h); or NULL */
	bool referrers_tag;        /* --distribution-spec v1.1-referrers-tag: never use the API */
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
/* From now on the place lists what it lists when it is asked first, for a command that asks about
 * each of many artifacts: a layout reads its index once. Of places that are only read. */
void oci_hold(struct oci_place *p);
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
/* The same of the target's own digest, or `reference`, for whoever goes on to ask the place what
 * refers to it: a manifest that was fetched earlier is not asked for again. */
HM_MUST hm_err oci_resolve_known(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
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
struct oci_referrer_list {
	struct oci_descriptor *p;
	size_t n;
	/* Entries of the place's list that are no descriptors, and what is wrong with the first:
	 * who may push can make them, and what else is listed counts all the same. What is not
	 * found may be one of them: that it is not there must not be said then. */
	size_t unread;
	hm_err why; /* NULL: there are none */
};
/* Referrers of `subject`, all pages; artifact_type "" for all; sorted by digest. The API, else the
 * fallback tag (an index whose digest is not the subject's); a child's artifact type is read from
 * its manifest where the list is in doubt. HM_BUSY: throttled: "unknown", never an empty list. */
HM_MUST hm_err oci_referrers(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, struct hm_str artifact_type,
			     struct oci_referrer_list *out);
/* "its list of referrers has 2 entries that cannot be read: ..."; empty: it has none. */
struct hm_str oci_unread_text(struct hm_cx *cx, const struct oci_referrer_list *list);
/* Begin to ask for the referrers of `digest` now, beside what is asked next: the first
 * oci_referrers() for it and `artifact_type` takes the answer. Nothing where the place is at hand.
 * Once, before threads share the place. */
void oci_referrers_ahead(struct hm_cx *cx, struct oci_place *p, struct hm_str digest,
			 struct hm_str artifact_type);
/* Sorted, each once; all pages. HM_LIMIT: HM_MAX_TAGS. HM_INPUT: a registry's list with something
 * else in it. */
HM_MUST hm_err oci_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out);
/* The repositories of a registry, which answers for those that the credential may read: sorted,
 * each once; all pages. HM_LIMIT: HM_MAX_TAGS. HM_INPUT: something else is in the list. */
HM_MUST hm_err oci_catalog(struct hm_cx *cx, const struct oci_access *access,
			   struct hm_str registry, struct hm_strs *out);
/* Manifests that the index.json of a layout or archive lists without a tag, as far as they are
 * there. *out_known is false, and the list empty, for a registry: it lists its tags alone. */
HM_MUST hm_err oci_untagged(struct hm_cx *cx, struct oci_place *p, struct oci_descriptor **out,
			    size_t *out_n, bool *out_known);

/* Upload unless it is there: bytes, or a body that is read once (again where it can be rewound).
 * One that does not have the descriptor's digest or size: HM_TRUST. */
HM_MUST hm_err oci_push_bytes(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			      struct hm_str bytes);
/* The same for bytes that nobody has had before, such as a signature's: whether they are there is
 * not asked. */
HM_MUST hm_err oci_push_new_bytes(struct hm_cx *cx, struct oci_place *p,
				  const struct oci_descriptor *d, struct hm_str bytes);
HM_MUST hm_err oci_push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			     struct http_body body);
/* A file as a blob; *out is its descriptor. HM_INPUT: not a regular file. The second takes one that
 * is open, whatever its offset. */
HM_MUST hm_err oci_push_file(struct hm_cx *cx, struct oci_place *p, const char *path,
			     struct hm_str media_type, struct oci_descriptor *out);
HM_MUST hm_err oci_push_fd(struct hm_cx *cx, struct oci_place *p, int fd, const char *name,
			   struct hm_str media_type, struct oci_descriptor *out);
/* The same where media type, digest and size are known; they are checked on the way. */
HM_MUST hm_err oci_push_known_fd(struct hm_cx *cx, struct oci_place *p, int fd, const char *name,
				 const struct oci_descriptor *d);
/* Push a manifest by digest, and under `tag` unless empty; updates the fallback index where its
 * subject needs one. */
HM_MUST hm_err oci_push_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
				 struct hm_str media_type, struct hm_str tag,
				 struct oci_descriptor *out);
/* A manifest that an index will name: by digest alone, and a layout does not list it. */
HM_MUST hm_err oci_push_child(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
			      struct hm_str media_type, struct oci_descriptor *out);
/* A tag that is to be replaced only while it stands for what was read. */
struct oci_tag_update {
	struct hm_str tag, was; /* a digest; empty: nothing was under the tag */
	bool refused;           /* out: it stands for something else, and nothing was changed */
	/* out: where it was not refused, nobody else's change was overwritten. False: the place may
	 * not have compared, and what was put is to be looked for after a while. */
	bool sure;
};
/* As oci_push_manifest, with a tag, unless the tag was changed since. */
HM_MUST hm_err oci_replace_manifest(struct hm_cx *cx, struct oci_place *p, struct hm_str bytes,
				    struct hm_str media_type, struct oci_tag_update *u,
				    struct oci_descriptor *out);
/* Let the tag stand for a manifest that is there, whatever it stood for. */
HM_MUST hm_err oci_tag(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		       struct hm_str tag);
/* Remove a manifest (and, in a layout, its index entry). HM_ABSENT. */
HM_MUST hm_err oci_delete(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d);

/* --- whole operations --- */

struct oci_copy_options {
	struct hm_str tag; /* empty: none */
	/* All of them, too, and what Cosign keeps under tags made of an image's digest. */
	bool referrers;
	bool is_child; /* of an index that follows: a layout does not list it by itself */
	struct hm_progress *bar;
};
/* Copy what `d` names, with everything below it. What is already there is not sent again; children
 * before parents, so that a kill leaves nothing dangling. */
HM_MUST hm_err oci_copy(struct hm_cx *cx, struct oci_place *from, const struct oci_descriptor *d,
			struct oci_place *to, const struct oci_copy_options *o);

/* Blobs alone, as far as they are not there yet. */
HM_MUST hm_err oci_copy_blobs(struct hm_cx *cx, struct oci_place *from,
			      const struct oci_descriptor *blobs, size_t n, struct oci_place *to,
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
 * The image manifests behind a descriptor that need evidence of their own: itself, or those of an
 * index and of the indexes within. Entries that are no image (platform "unknown/unknown": build
 * attestations) are left out. HM_INPUT: an index that contains itself; HM_LIMIT.
 */
HM_MUST hm_err oci_platforms(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			     struct oci_descriptor **out, size_t *out_n);

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

#endif
