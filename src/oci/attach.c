/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "oci/ops.h"

hm_err oci_push_fd(struct hm_cx *cx, struct oci_place *p, int fd, const char *name,
		   struct hm_str media_type, struct oci_descriptor *out)
{
	struct stat sb;
	CRYPTO_AUTO_HASH hash = { 0 };
	if (fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not look at \"%s\"", name);
	if (!S_ISREG(sb.st_mode))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a regular file", name);
	struct extent e = { .fd = fd, .size = (uint64_t)sb.st_size, .name = name };
	crypto_hash_start(&hash, CRYPTO_SHA256);
	HM_TRY(oci_extent_to_sink(cx, e, oci_hash_sink(&hash)));
	struct oci_descriptor d = { .media_type = media_type,
				    .digest = crypto_hash_text(cx, &hash),
				    .size = e.size };
	HM_TRY_IN(cx, oci_push_blob(cx, p, &d, oci_extent_body(&e)), "\"%s\"", name);
	*out = d;
	return NULL;
}

hm_err oci_push_known_fd(struct hm_cx *cx, struct oci_place *p, int fd, const char *name,
			 const struct oci_descriptor *d)
{
	struct extent e = { .fd = fd, .size = d->size, .name = name };
	HM_TRY_IN(cx, oci_push_blob(cx, p, d, oci_extent_body(&e)), "\"%s\"", name);
	return NULL;
}

hm_err oci_push_file(struct hm_cx *cx, struct oci_place *p, const char *path,
		     struct hm_str media_type, struct oci_descriptor *out)
{
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hm_fail(cx, HM_ABSENT, "there is no file \"%s\"", path);
	if (fd < 0)
		return hm_fail_os(cx, "could not open \"%s\"", path);
	return oci_push_fd(cx, p, fd, path, media_type, out);
}

hm_err oci_attach(struct hm_cx *cx, struct oci_place *p, const struct oci_artifact *a,
		  struct oci_descriptor *out)
{
	struct oci_annotation title = { HM_STR(OCI_TITLE), a->title };
	struct oci_descriptor layer = {
		.media_type = a->blob_type.n ? a->blob_type : HM_STR(OCI_LAYER),
		.digest = crypto_digest_text(cx, CRYPTO_SHA256, a->bytes),
		.size = a->bytes.n,
	};
	if (a->title.n)
		layer.annotations = (struct oci_annotations){ .p = &title, .n = 1 };
	struct hm_str empty = HM_STR(OCI_EMPTY_BYTES), text;
	struct oci_manifest m = {
		.kind = OCI_IS_MANIFEST,
		.media_type = HM_STR(OCI_MANIFEST),
		.artifact_type = a->artifact_type,
		.config = { .media_type = HM_STR(OCI_EMPTY),
			    .digest = crypto_digest_text(cx, CRYPTO_SHA256, empty),
			    .size = empty.n,
			    .data = empty },
		.layers = &layer,
		.layers_n = 1,
		.subject = { .media_type = a->subject.media_type,
			     .digest = a->subject.digest,
			     .size = a->subject.size },
		.annotations = a->annotations,
	};
	if (a->artifact_type.n == 0)
		return hm_fail(cx, HM_USAGE, "an artifact needs an artifact type");
	HM_TRY_IN(cx, oci_push_bytes(cx, p, &layer, a->bytes), "attaching \"%.*s\"",
		  HM_FMT(a->artifact_type));
	HM_TRY_IN(cx, oci_push_bytes(cx, p, &m.config, empty), "attaching \"%.*s\"",
		  HM_FMT(a->artifact_type));
	HM_TRY(oci_manifest_format(cx, &m, &text));
	return oci_push_manifest(cx, p, text, m.media_type, HM_STR(""), out);
}
