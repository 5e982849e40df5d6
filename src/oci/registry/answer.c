/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

hm_err oci_registry_error(struct hm_cx *cx, struct registry_request *q, int status,
			  const char *code, const char *message)
{
	struct hm_str text;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_open(&o, "errors", '[');
	json_open(&o, NULL, '{');
	json_putz(&o, "code", code);
	json_putz(&o, "message", message);
	json_close(&o, '}');
	json_close(&o, ']');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "an error", &text));
	return http_exchange_answer(cx, q->x, status, "application/json", text);
}

hm_err oci_registry_empty(struct hm_cx *cx, struct registry_request *q, int status)
{
	return http_exchange_answer(cx, q->x, status, NULL, (struct hm_str){ "", 0 });
}

struct hm_str oci_registry_etag(struct hm_cx *cx, struct hm_str digest)
{
	return hm_fmt(cx, "\"%.*s\"", HM_FMT(digest));
}

hm_err oci_registry_conditional(struct hm_cx *cx, struct registry_request *q, enum http_condition c)
{
	if (c == HTTP_STATE_KNOWN)
		return oci_registry_empty(cx, q, 304);
	return oci_registry_error(cx, q, 412, "PRECONDITION_FAILED",
				  "what is stored does not meet the precondition of the request");
}

hm_err oci_registry_document(struct hm_cx *cx, struct registry_request *q, const char *media_type,
			     struct hm_str text)
{
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, text);
	struct http_state now = { .exists = true, .etag = oci_registry_etag(cx, digest) };
	enum http_condition c = http_exchange_condition(q->x, &now);
	http_exchange_add_header(q->x, "ETag", now.etag);
	if (c != HTTP_GO_ON)
		return oci_registry_conditional(cx, q, c);
	return http_exchange_answer(cx, q->x, 200, media_type, text);
}
