/* SPDX-License-Identifier: Apache-2.0 */
/* TLS before a protocol is chosen; socket thread. */
#include "http/server/connection.h"

static bool wants_handshake(const struct http_conn *c)
{
	return !c->wants_write;
}

static void continue_handshake(struct http_conn *c)
{
	enum io io = http_tls_handshake(c->ssl);
	c->wants_write = io == IO_WRITE;
	if (io == IO_AGAIN || io == IO_WRITE)
		return;
	if (io != IO_OK)
		http_conn_close(c);
	else if (http_conn_speak(c, http_tls_protocol(c->ssl, c->s->protocols)))
		c->protocol->readable(c); /* a request may have come with the end of it */
}

static bool is_always_idle(const struct http_conn *c)
{
	return c != NULL;
}

static int64_t limit_handshake(const struct http_conn *c)
{
	(void)c;
	return HEAD_SECONDS;
}

static int64_t read_begin_time(const struct http_conn *c)
{
	return c->since;
}

const struct http_protocol http_handshake = {
	.wants_input = wants_handshake,
	.readable = continue_handshake,
	.writable = continue_handshake,
	.is_idle = is_always_idle,
	.patience = limit_handshake,
	.idle_since = read_begin_time,
	.turn_since = read_begin_time,
};
