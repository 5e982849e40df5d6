/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/manifest.h"

#include "oci/ops.h"

/* "type/subtype; charset=utf-8": what stands before the parameters. */
static struct hm_str without_parameters(struct hm_str media_type)
{
	return hm_trim(hm_cut(&media_type, ';'));
}

/* What servers say when they do not know. */
static bool says_nothing(struct hm_str t)
{
	return t.n == 0 || hm_eqz(t, "application/json") || hm_eqz(t, "application/octet-stream") ||
	       hm_eqz(t, "text/plain") || hm_eqz(t, "binary/octet-stream");
}

static bool has_content(struct json doc)
{
	return json_is_there(json_get(doc, "layers")) || json_is_there(json_get(doc, "config")) ||
	       json_is_there(json_get(doc, "blobs"));
}

/*
 * A document that has the members of both kinds can be read as either by different programs
 * (CVE-2021-41190): refused.
 */
static hm_err find_type(struct hm_cx *cx, struct json doc, struct hm_str transport,
			struct hm_str *out)
{
	struct json said = json_get(doc, "mediaType");
	if (json_is_there(said) && !json_is_string(said))
		return hm_fail(cx, HM_INPUT, "\"mediaType\" is not a string");
	struct hm_str own = json_str(said);
	bool index = json_is_there(json_get(doc, "manifests"));
	bool manifest = has_content(doc);
	if (index && manifest)
		return hm_fail(cx, HM_INPUT, "it has the members of a manifest and of an index");
	transport = without_parameters(transport);
	if (!says_nothing(transport) && own.n && !hm_eq(own, transport))
		return hm_fail(cx, HM_INPUT, "it says it is \"%.*s\", but came as \"%.*s\"",
			       HM_FMT(own), HM_FMT(transport));
	struct hm_str type = own.n ? own : transport;
	if (says_nothing(type))
		type = index ? HM_STR(OCI_INDEX) : HM_STR(OCI_MANIFEST);
	if (!oci_media_type_is_manifest(type))
		return hm_fail(cx, HM_INPUT, "media type \"%.*s\" is not a known manifest type",
			       HM_FMT(hm_sub(type, 0, 200)));
	if (oci_media_type_is_index(type) ? manifest : index)
		return hm_fail(cx, HM_INPUT, "its members are not those of \"%.*s\"", HM_FMT(type));
	*out = type;
	return NULL;
}

static hm_err parse_list(struct hm_cx *cx, struct json doc, const char *key, size_t max,
			 struct oci_manifest *m)
{
	struct json list = json_get(doc, key);
	if (!json_is_there(list) && oci_media_type_is_artifact(m->media_type))
		return NULL;
	if (!json_is_there(list))
		return hm_fail(cx, HM_INPUT, "\"%s\" is missing", key);
	if (json_is_null(list)) /* how Go writes a list that was never made */
		return NULL;
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not an array", key);
	size_t n = json_size(list), i = 0;
	if (n > max)
		return hm_fail(cx, HM_LIMIT, "\"%s\" has more than %zu entries", key, max);
	HM_TRY(hm_charge(cx, n * sizeof(struct oci_descriptor)));
	m->layers = hm_new(cx, struct oci_descriptor, n);
	m->layers_n = n;
	for (struct json_iter it = json_iter(list); json_next(&it); i++)
		HM_TRY_IN(cx, oci_descriptor_parse(cx, it.value, &m->layers[i]), "%s: entry %zu",
			  key, i + 1);
	return NULL;
}

/* Configuration and layers, manifests, or blobs. */
static hm_err parse_content(struct hm_cx *cx, struct json doc, size_t max, struct oci_manifest *m)
{
	struct json config = json_get(doc, "config");
	if (m->kind == OCI_IS_INDEX)
		return parse_list(cx, doc, "manifests", max, m);
	if (oci_media_type_is_artifact(m->media_type)) {
		if (json_is_there(config) || json_is_there(json_get(doc, "layers")))
			return hm_fail(cx, HM_INPUT,
				       "it has the members of an image manifest and of an artifact "
				       "manifest");
		return parse_list(cx, doc, "blobs", max, m);
	}
	HM_TRY(json_need(cx, doc, "config", &config));
	HM_TRY_IN(cx, oci_descriptor_parse(cx, config, &m->config), "config");
	return parse_list(cx, doc, "layers", max, m);
}

/* An artifact manifest has no schemaVersion (image-spec 1.1.0-rc2, artifact.md). */
static hm_err check_version(struct hm_cx *cx, struct json doc, const struct oci_manifest *m)
{
	int64_t version;
	if (oci_media_type_is_artifact(m->media_type) &&
	    !json_is_there(json_get(doc, "schemaVersion")))
		return NULL;
	HM_TRY(json_need_int(cx, doc, "schemaVersion", &version));
	if (version != 2)
		return hm_fail(cx, HM_INPUT, "schema version %lld is not 2", (long long)version);
	return NULL;
}

static hm_err parse_document(struct hm_cx *cx, struct json doc, struct hm_str media_type,
			     size_t max, struct oci_manifest *m)
{
	hm_err type = find_type(cx, doc, media_type, &m->media_type);
	HM_TRY(check_version(cx, doc, m));
	HM_TRY(type);
	m->kind = oci_media_type_is_index(m->media_type) ? OCI_IS_INDEX : OCI_IS_MANIFEST;
	HM_TRY(parse_content(cx, doc, max, m));
	HM_TRY(oci_text_parse(cx, doc, "artifactType", &m->artifact_type));
	struct json subject = json_get(doc, "subject");
	if (json_is_there(subject) && !json_is_null(subject))
		HM_TRY_IN(cx, oci_descriptor_parse(cx, subject, &m->subject), "subject");
	return oci_annotations_parse(cx, json_get(doc, "annotations"), &m->annotations);
}

hm_err oci_manifest_parse_list(struct hm_cx *cx, struct hm_str bytes, struct hm_str media_type,
			       size_t max, struct oci_manifest *out)
{
	struct oci_manifest m = { .bytes = bytes };
	struct json doc;
	if (bytes.n > HM_MAX_MANIFEST)
		return hm_fail(cx, HM_LIMIT, "the manifest is larger than %llu bytes",
			       (unsigned long long)HM_MAX_MANIFEST);
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &doc), "manifest");
	if (!json_is_object(doc))
		return hm_fail(cx, HM_INPUT, "manifest: it is not a JSON object");
	HM_TRY_IN(cx, parse_document(cx, doc, media_type, max, &m), "manifest");
	*out = m;
	return NULL;
}

hm_err oci_manifest_parse(struct hm_cx *cx, struct hm_str bytes, struct hm_str media_type,
			  struct oci_manifest *out)
{
	struct oci_manifest m;
	HM_TRY(oci_manifest_parse_list(cx, bytes, media_type, HM_MAX_INDEX_MANIFESTS, &m));
	if (m.kind == OCI_IS_MANIFEST && m.layers_n > HM_MAX_MANIFEST_LAYERS)
		return hm_fail(cx, HM_LIMIT, "manifest: more than %llu layers",
			       (unsigned long long)HM_MAX_MANIFEST_LAYERS);
	*out = m;
	return NULL;
}

/* What registries list is what strangers have pushed: one that is no descriptor, or has a NUL in
 * its annotations, is its own fault alone. */
static hm_err parse_entry(struct hm_cx *cx, struct json v, struct oci_descriptor *out)
{
	HM_TRY(json_refuse_nul(cx, v));
	return oci_descriptor_parse(cx, v, out);
}

static hm_err add_entries(struct hm_cx *cx, struct json list, struct place_referrers *out)
{
	size_t i = 0;
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct oci_descriptor d;
		hm_err err = parse_entry(cx, it.value, &d);
		i++;
		if (!err) {
			if (out->n >= HM_MAX_REFERRERS)
				return hm_fail(cx, HM_LIMIT, "more than %llu referrers",
					       (unsigned long long)HM_MAX_REFERRERS);
			*hm_push(cx, out) = d;
			continue;
		}
		if (err->code != HM_INPUT && err->code != HM_LIMIT)
			return err;
		if (!out->unread++)
			out->why = hm_fail(cx, HM_INPUT, "entry %zu: %s", i, err->why);
	}
	return NULL;
}

hm_err oci_manifest_parse_referrers(struct hm_cx *cx, struct hm_str bytes,
				    struct place_referrers *out)
{
	struct oci_manifest m = { .bytes = bytes };
	struct json doc;
	if (bytes.n > HM_MAX_MANIFEST)
		return hm_fail(cx, HM_LIMIT, "the list is larger than %llu bytes",
			       (unsigned long long)HM_MAX_MANIFEST);
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_NO_DUPLICATES, &doc), "manifest");
	if (!json_is_object(doc))
		return hm_fail(cx, HM_INPUT, "manifest: it is not a JSON object");
	HM_TRY_IN(cx, check_version(cx, doc, &m), "manifest");
	HM_TRY_IN(cx, find_type(cx, doc, HM_STR(OCI_INDEX), &m.media_type), "manifest");
	struct json list = json_get(doc, "manifests");
	if (!json_is_there(list) || (!json_is_array(list) && !json_is_null(list)))
		return hm_fail(cx, HM_INPUT, "manifest: \"manifests\" is not an array");
	if (json_size(list) > HM_MAX_REFERRERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu referrers",
			       (unsigned long long)HM_MAX_REFERRERS);
	HM_TRY(hm_charge(cx, json_size(list) * sizeof(struct oci_descriptor)));
	return add_entries(cx, list, out);
}

struct hm_str oci_manifest_sniff(struct hm_cx *cx, struct hm_str bytes)
{
	struct json doc;
	struct hm_str type;
	struct hm_str first = hm_trim(hm_sub(bytes, 0, 64));
	if (first.n == 0 || first.p[0] != '{' || json_parse(cx, bytes, JSON_PLAIN, &doc))
		return HM_STR("");
	int64_t version;
	if (find_type(cx, doc, HM_STR(""), &type) ||
	    (!json_int(json_get(doc, "schemaVersion"), &version) &&
	     !oci_media_type_is_artifact(type)))
		return HM_STR("");
	return type;
}

struct hm_str oci_manifest_artifact_type(const struct oci_manifest *m)
{
	if (m->artifact_type.n || m->kind == OCI_IS_INDEX)
		return m->artifact_type;
	return m->config.media_type;
}

struct oci_manifest oci_manifest_copy(struct hm_cx *cx, const struct oci_manifest *m)
{
	struct oci_manifest to = {
		.kind = m->kind,
		.bytes = hm_dup(cx, m->bytes),
		.media_type = hm_dup(cx, m->media_type),
		.artifact_type = hm_dup(cx, m->artifact_type),
		.config = oci_descriptor_copy(cx, &m->config),
		.layers = hm_new(cx, struct oci_descriptor, m->layers_n),
		.layers_n = m->layers_n,
		.subject = oci_descriptor_copy(cx, &m->subject),
		.annotations = oci_annotations_copy(cx, &m->annotations),
	};
	for (size_t i = 0; i < m->layers_n; i++)
		to.layers[i] = oci_descriptor_copy(cx, &m->layers[i]);
	return to;
}

struct oci_descriptor oci_manifest_descriptor(const struct oci_manifest *m, struct hm_str digest)
{
	return (struct oci_descriptor){ .media_type = m->media_type,
					.digest = digest,
					.size = m->bytes.n,
					.artifact_type = oci_manifest_artifact_type(m),
					.annotations = m->annotations };
}

hm_err oci_manifest_format(struct hm_cx *cx, const struct oci_manifest *m, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_MANIFEST);
	struct json_out o = json_out(&b, false);
	bool index = m->kind == OCI_IS_INDEX;
	if (oci_media_type_is_artifact(m->media_type))
		return hm_fail(cx, HM_USAGE,
			       "artifact manifests were withdrawn, and are only read");
	json_open(&o, NULL, '{');
	json_put_int(&o, "schemaVersion", 2);
	json_put_str(&o, "mediaType",
		     m->media_type.n ? m->media_type : hm_cstr(index ? OCI_INDEX : OCI_MANIFEST));
	json_put_given(&o, "artifactType", m->artifact_type);
	if (!index)
		oci_descriptor_put(cx, &o, "config", &m->config);
	json_open(&o, index ? "manifests" : "layers", '[');
	for (size_t i = 0; i < m->layers_n; i++)
		oci_descriptor_put(cx, &o, NULL, &m->layers[i]);
	json_close(&o, ']');
	if (m->subject.digest.n)
		oci_descriptor_put(cx, &o, "subject", &m->subject);
	oci_annotations_put(cx, &o, &m->annotations);
	json_close(&o, '}');
	struct hm_str text;
	HM_TRY(hm_buf_end(cx, &b, "a manifest", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
