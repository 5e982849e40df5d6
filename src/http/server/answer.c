/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of an exchange: given by its handler, or by ourselves. */
#include "http/server/exchange.h"
#include "http/server/server.h"

void http_exchange_add_header(struct http_exchange *x, const char *name, struct hm_str value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
			return; /* it would be another header */
	*hm_push(&x->cx, &x->out) = (struct http_header){ hm_cstr(hm_dupz(&x->cx, hm_cstr(name))),
							  hm_dup(&x->cx, value) };
}

static hm_err set_status(struct hm_cx *cx, struct http_exchange *x, int status,
			 const char *content_type)
{
	if (x->status)
		return hm_fail(cx, HM_SYSTEM, "the request was answered twice");
	x->status = status;
	x->content_type = content_type ? hm_dupz(&x->cx, hm_cstr(content_type)) : NULL;
	return NULL;
}

hm_err http_exchange_answer(struct hm_cx *cx, struct http_exchange *x, int status,
			    const char *content_type, struct hm_str body)
{
	if (body.n > SMALL && !x->is_head)
		HM_TRY(http_exchange_hold_work(cx, x, body.n));
	HM_TRY(set_status(cx, x, status, content_type));
	x->size = body.n;
	x->body = x->is_head ? (struct hm_str){ "", 0 } : hm_dup(&x->cx, body);
	return NULL;
}

hm_err http_exchange_answer_buf(struct hm_cx *cx, struct http_exchange *x, int status,
				const char *content_type, struct hm_buf *body)
{
	if (body->n > SMALL && !x->is_head)
		HM_TRY(http_exchange_hold_work(cx, x, body->n));
	HM_TRY(set_status(cx, x, status, content_type));
	x->size = body->n;
	if (x->is_head) {
		hm_buf_done(body);
		x->body = (struct hm_str){ "", 0 };
		return NULL;
	}
	x->given = *body;
	*body = (struct hm_buf){ .max = body->max };
	x->body = hm_buf_str(&x->given);
	return NULL;
}

hm_err http_exchange_answer_file(struct hm_cx *cx, struct http_exchange *x, int status,
				 const char *content_type, struct http_file file)
{
	hm_err err = set_status(cx, x, status, content_type);
	if (err) {
		hm_close_fd(&file.fd);
		return err;
	}
	if (x->state != EXCHANGE_FAST) {
		http_files_wait(x->s);
		x->file_coming = true;
	}
	x->file = file.fd;
	x->offset = file.offset;
	x->size = file.size;
	return NULL;
}

void http_answer_status(struct http_exchange *x, int status, const char *why)
{
	struct hm_str body = hm_fmt(&x->cx, "%s\n", why);
	hm_err err = http_exchange_answer(&x->cx, x, status, "text/plain; charset=utf-8", body);
	if (err)
		hm_log(&x->cx, HM_LOG_DEBUG, "answer dropped", "why", err->why, NULL);
}

void http_answer_fault(struct http_exchange *x, hm_err err)
{
	const struct http_route *r = x->route;
	if (r->fault && !r->fault(&x->cx, r->arg, x, err) && x->status)
		return;
	if (!x->status)
		http_answer_status(x, hm_code_rows[err->code].http, err->why);
}

static const struct reason {
	int status;
	const char *words;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 416, "Range Not Satisfiable" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

const char *http_status_words(int status)
{
	for (size_t i = 0; i < HM_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return "Status";
}
