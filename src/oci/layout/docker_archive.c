/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `docker save` writes. Since Docker 25 it is an OCI layout too, and is read as one. The older
 * form has a manifest.json that names a configuration and layers, without digests: they are
 * computed here, and a manifest and an index are made up, so that the rest sees a layout.
 */
#include "oci/layout/archive.h"

#include "codec/stream.h"

const struct oci_ops oci_docker_archive_ops = {
	.what = "docker archive",
	.resolve = oci_layout_resolve,
	.open = oci_layout_blob,
	.exists = oci_layout_exists,
	.referrers = oci_layout_referrers,
	.tags = oci_layout_tags,
	.untagged = oci_layout_untagged,
	.close = oci_archive_close,
};

static hm_err need_file(struct hm_cx *cx, struct archive *a, struct hm_str path, struct extent *out)
{
	const struct tarfile_entry *e = oci_tarfile_find(&a->tar.files, path);
	if (!e)
		return hm_fail(cx, HM_INPUT, "\"%s\" does not have \"%.*s\"", a->tar.name,
			       HM_FMT(hm_sub(path, 0, 200)));
	*out = (struct extent){
		.fd = a->tar.fd, .offset = e->offset, .size = e->size, .name = a->tar.name
	};
	return NULL;
}

static hm_err layer_type(struct hm_cx *cx, const struct extent *e, const char **out)
{
	char bytes[4] = { 0 };
	if (pread(e->fd, bytes, sizeof(bytes), (off_t)e->offset) < 0)
		return hm_fail_os(cx, "could not read \"%s\"", e->name);
	struct hm_str head = hm_bytes(bytes, sizeof(bytes));
	*out = hm_starts(head, gzip_format.magic)   ? OCI_LAYER_GZIP
	       : hm_starts(head, zstd_format.magic) ? OCI_LAYER_ZSTD
						    : OCI_LAYER;
	return NULL;
}

/* A file of the archive becomes a blob: its digest is computed once. */
static hm_err adopt_file(struct hm_cx *cx, struct archive *a, struct hm_str path,
			 const char *media_type, struct oci_descriptor *out)
{
	struct hm_cx *own = &a->layout.place.own;
	struct extent e;
	CRYPTO_AUTO_HASH hash;
	crypto_hash_start(&hash, CRYPTO_SHA256);
	HM_TRY(need_file(cx, a, path, &e));
	if (!media_type)
		HM_TRY(layer_type(cx, &e, &media_type));
	HM_TRY(oci_extent_to_sink(cx, e, oci_hash_sink(&hash)));
	*out = (struct oci_descriptor){ .media_type = hm_cstr(media_type),
					.digest = crypto_hash_text(own, &hash),
					.size = e.size };
	struct extent *kept = hm_new(own, struct extent, 1);
	*kept = e;
	hm_map_put(own, &a->files,
		   hm_fmt(own, "blobs/sha256/%.*s", HM_FMT(hm_from(out->digest, 7))), kept);
	return NULL;
}

static hm_err make_up(struct hm_cx *cx, struct archive *a, struct hm_str path, struct hm_str bytes)
{
	struct hm_cx *own = &a->layout.place.own;
	if (a->made < 0)
		HM_TRY(hm_temp_fd(cx, &a->made));
	struct extent *e = hm_new(own, struct extent, 1);
	*e = (struct extent){
		.fd = a->made, .offset = a->made_size, .size = bytes.n, .name = "a temporary file"
	};
	HM_TRY(hm_write_all(cx, a->made, e->name, bytes));
	a->made_size += bytes.n;
	hm_map_put(own, &a->files, hm_dup(own, path), e);
	return NULL;
}

static hm_err convert_image(struct hm_cx *cx, struct archive *a, struct json image,
			    struct oci_descriptor *out)
{
	struct hm_str config, text;
	struct json layers = json_get(image, "Layers");
	size_t n = json_size(layers), i = 0;
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST, .media_type = HM_STR(OCI_MANIFEST) };
	HM_TRY(json_need_str(cx, image, "Config", &config));
	if (!json_is_array(layers) && !json_is_null(layers))
		return hm_fail(cx, HM_INPUT, "\"Layers\" is not an array");
	if (n > HM_MAX_MANIFEST_LAYERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu layers",
			       (unsigned long long)HM_MAX_MANIFEST_LAYERS);
	HM_TRY(adopt_file(cx, a, config, OCI_CONFIG, &m.config));
	m.layers = hm_new(cx, struct oci_descriptor, n);
	m.layers_n = n;
	for (struct json_iter it = json_iter(layers); json_next(&it); i++)
		HM_TRY_IN(cx, adopt_file(cx, a, json_str(it.value), NULL, &m.layers[i]),
			  "layer %zu", i + 1);
	HM_TRY(oci_manifest_format(cx, &m, &text));
	*out = (struct oci_descriptor){ .media_type = m.media_type,
					.digest = crypto_digest_text(cx, CRYPTO_SHA256, text),
					.size = text.n };
	return make_up(cx, a, hm_fmt(cx, "blobs/sha256/%.*s", HM_FMT(hm_from(out->digest, 7))),
		       text);
}

static hm_err convert_images(struct hm_cx *cx, struct archive *a, struct json images,
			     struct layout_index *x)
{
	size_t i = 0;
	for (struct json_iter it = json_iter(images); json_next(&it); i++) {
		struct oci_descriptor d;
		struct json tags = json_get(it.value, "RepoTags");
		if (i >= HM_MAX_INDEX_MANIFESTS || json_size(tags) > HM_MAX_INDEX_MANIFESTS)
			return hm_fail(cx, HM_LIMIT, "more than %llu images",
				       (unsigned long long)HM_MAX_INDEX_MANIFESTS);
		HM_TRY_IN(cx, convert_image(cx, a, it.value, &d), "image %zu", i + 1);
		oci_layout_index_put(cx, x, &d, HM_STR(""));
		for (struct json_iter tag = json_iter(tags); json_next(&tag);) {
			struct hm_str name = json_str(tag.value);
			if (!oci_ref_name_is_valid(name))
				return hm_fail(cx, HM_INPUT,
					       "image %zu: \"%.*s\" is not a valid tag", i + 1,
					       HM_FMT(hm_sub(name, 0, 200)));
			oci_layout_index_put(cx, x, &d, name);
		}
	}
	return NULL;
}

static hm_err convert_archive(struct hm_cx *cx, struct archive *a)
{
	struct extent e;
	struct json images = { 0 };
	struct hm_str text;
	struct layout_index x = { 0 };
	HM_TRY(need_file(cx, a, HM_STR("manifest.json"), &e));
	if (e.size > HM_MAX_MANIFEST)
		return hm_fail(cx, HM_LIMIT, "manifest.json is larger than %llu bytes",
			       (unsigned long long)HM_MAX_MANIFEST);
	struct memory m = { .buf = HM_BUF(HM_MAX_MANIFEST) };
	hm_err err = oci_extent_to_sink(cx, e, oci_memory_sink(&m));
	if (!err)
		err = json_parse(cx, hm_buf_str(&m.buf), JSON_STRICT, &images);
	hm_buf_done(&m.buf);
	HM_TRY_IN(cx, err, "manifest.json");
	if (!json_is_array(images) || json_size(images) == 0)
		return hm_fail(cx, HM_INPUT, "manifest.json: it is not a list of images");
	HM_TRY_IN(cx, convert_images(cx, a, images, &x), "manifest.json");
	HM_TRY(oci_layout_index_format(cx, &x, &text));
	return make_up(cx, a, HM_STR("index.json"), text);
}

hm_err oci_docker_archive_open(struct hm_cx *cx, const struct oci_target *t, struct oci_place **out)
{
	struct archive *a;
	hm_err err = NULL;
	HM_TRY(oci_archive_new(cx, t, &oci_docker_archive_ops, &a));
	a->layout.match_image_name = true;
	if (!oci_tarfile_find(&a->tar.files, HM_STR("oci-layout")) ||
	    !oci_tarfile_find(&a->tar.files, HM_STR("index.json")))
		err = convert_archive(cx, a);
	if (err) {
		oci_close(&a->layout.place);
		return err;
	}
	*out = &a->layout.place;
	return NULL;
}
