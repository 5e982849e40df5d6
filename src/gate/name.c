/* SPDX-License-Identifier: Apache-2.0 */
/* Names of images, with a namespace before them or not, and the keys of what is known about them.
 */
#include "gate/pipeline.h"

void gate_split_key(struct hm_str key, struct hm_str *out_namespace, struct hm_str *out_image)
{
	*out_namespace = HM_STR("");
	*out_image = key;
	size_t end = key.n && key.p[0] == '[' ? hm_find_char(key, ']') : SIZE_MAX;
	/* no namespace has a colon: it is the address of a registry */
	if (end == SIZE_MAX || hm_find_char(hm_sub(key, 0, end), ':') != SIZE_MAX)
		return;
	*out_namespace = hm_sub(key, 1, end - 1);
	*out_image = hm_from(key, end + 1);
}

struct hm_str gate_verdict_key(struct hm_cx *cx, const struct gate_snapshot *s,
			       struct hm_str namespace, struct hm_str image)
{
	return HM_KEY(cx, 'v', s->hash, namespace, image);
}

struct hm_str gate_answer_key(struct hm_cx *cx, uint64_t generation, struct hm_str key)
{
	return HM_KEY(cx, 'k', hm_key_number(cx, generation), key);
}

struct hm_str gate_item_key(struct hm_cx *cx, uint64_t generation, struct hm_str key)
{
	return HM_KEY(cx, 'i', hm_key_number(cx, generation), key);
}

hm_err gate_reference(struct hm_cx *cx, struct hm_str image, struct oci_target *out)
{
	if (image.n > HM_MAX_REFERENCE)
		return hm_fail(cx, HM_INPUT, "an image name of %zu bytes", image.n);
	HM_TRY(oci_target_parse(cx, image, out));
	if (out->kind != OCI_REGISTRY)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an image in a registry",
			       HM_FMT(image));
	return NULL;
}
