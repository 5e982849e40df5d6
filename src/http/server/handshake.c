/* SPDX-License-Identifier: Apache-2.0 */
/* TLS before a protocol is chosen; socket thread. */
#include "http/server/connection.h"

static bool wants_input(const struct http_conn *c)
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

static bool is_idle(const struct http_conn *c)
{
	return c != NULL;
}

static int64_t patience(const struct http_conn *c)
{
	(void)c;
	return HEAD_SECONDS;
}

static int64_t state_since(const struct http_conn *c)
{
	return c->since;
}

const struct http_protocol http_handshake = {
	.wants_input = wants_input,
	.readable = continue_handshake,
	.writable = continue_handshake,
	.is_idle = is_idle,
	.patience = patience,
	.idle_since = state_since,
	.turn_since = state_since,
};
