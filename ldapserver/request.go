package ldapserver

import (
	"context"
	"errors"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver/protocol"
)

// handle answers one message. An error ends the connection.
func (c *conn) handle(ctx context.Context, pdu []byte) error {
	var begin time.Time
	if c.observer != nil || c.options.Queries != nil {
		begin = time.Now()
	}
	if c.repeat(pdu, begin) {
		return nil
	}
	m, err := c.decoder.Decode(pdu)
	if err != nil {
		var wrong *protocol.Error
		if !errors.As(err, &wrong) || m == nil || m.Op.Response() == 0 {
			return c.disconnect(protocol.ProtocolError, "malformed message: "+err.Error())
		}
		if m.Op == protocol.OpBindRequest {
			c.refuseBind(ctx, nil, wrong.Code)
		}
		c.answer(m, wrong)
		c.observe(m.Op, wrong.Code, 0, begin)
		return nil
	}
	switch m.Op {
	case protocol.OpUnbindRequest:
		return errEnd
	case protocol.OpAbandonRequest:
		return nil // what it names has been answered already: RFC 4511, 4.11
	case protocol.OpSearchRequest:
		var record QueryRecord
		queries := c.options.Queries
		if queries != nil {
			record = c.record(m)
		}
		code, entries, err := c.search(ctx, m)
		c.observe(m.Op, code, entries, begin)
		if queries != nil {
			record.Code, record.Entries, record.Took = code, entries, time.Since(begin)
			queries(record)
		}
		return err
	}
	refused := c.admissible(m)
	if refused != nil {
		if m.Op == protocol.OpBindRequest {
			c.refuseBind(ctx, m.Bind, refused.Code)
		}
		c.answer(m, refused)
		c.observe(m.Op, refused.Code, 0, begin)
		return nil
	}
	code := protocol.Success
	switch m.Op {
	case protocol.OpBindRequest:
		code = c.bind(ctx, m)
	case protocol.OpCompareRequest:
		code = c.compare(ctx, m)
	case protocol.OpExtendedRequest:
		code, err = c.extended(ctx, m)
	default:
		code = c.answer(m, &protocol.Error{Code: protocol.UnwillingToPerform, Message: "this directory is written by replication only"})
	}
	c.observe(m.Op, code, 0, begin)
	return err
}

func (c *conn) observe(op protocol.Op, code protocol.ResultCode, entries int, begin time.Time) {
	if o := c.observer; o != nil {
		o.Request(op, code, entries, time.Since(begin))
	}
}

var (
	errCritical        = &protocol.Error{Code: protocol.UnavailableCriticalExtension, Message: "a critical control is not supported"}
	errControlsInV2    = &protocol.Error{Code: protocol.ProtocolError, Message: "LDAPv2 has no controls"}
	errConfidentiality = &protocol.Error{Code: protocol.ConfidentialityRequired, Message: "StartTLS first"}
)

// honours says whether a control is one that the operation may have here: every one of the backend's for a search, assertions
// for operations on one entry (RFC 4528, 3), writes included though none is carried out. ManageDsaIT (RFC 3296, 3) changes
// nothing where there are no referrals, and JNDI sends it, critical, with its bind too.
func (c *conn) honours(m *protocol.Message, control *protocol.Control) bool {
	if control.Is(protocol.OIDManageDsaIT) {
		return true
	}
	switch m.Op {
	case protocol.OpSearchRequest:
		return c.server.supports(control)
	case protocol.OpBindRequest, protocol.OpExtendedRequest:
		return false
	}
	return control.Is(protocol.OIDAssertion) && c.server.supports(control)
}

// admissible refuses what no session is asked: controls in LDAPv2, critical controls that are unknown or have no meaning for
// the operation (RFC 4511, 4.1.11) and, where TLS is required, everything but StartTLS and the root DSE before it.
func (c *conn) admissible(m *protocol.Message) *protocol.Error {
	if len(m.Controls) > 0 && (m.Bind == nil && c.version2 || m.Bind != nil && m.Bind.Version == 2) {
		return errControlsInV2
	}
	for i := range m.Controls {
		if m.Controls[i].Critical && !c.honours(m, &m.Controls[i]) {
			return errCritical
		}
	}
	if c.listener.Mode == StartTLSRequired && !c.info.TLS {
		switch {
		case m.Op == protocol.OpExtendedRequest && string(m.Extended.OID) == protocol.OIDStartTLS:
		case m.Op == protocol.OpSearchRequest && len(m.Search.Base) == 0 && m.Search.Scope == protocol.BaseObject:
		default:
			return errConfidentiality
		}
	}
	return nil
}

// outcome is the one place that decides what a client is told of an error.
func (c *conn) outcome(op protocol.Op, err error) *protocol.Error {
	if e, ok := err.(*protocol.Error); ok {
		return e
	}
	var e *protocol.Error
	if errors.As(err, &e) {
		return e
	}
	if n, ok := c.server.failures.pass(time.Now()); ok {
		c.log().WithError(err).WithFields(logrus.Fields{"operation": op.String(), "unreported": n}).Error("request failed")
	}
	return &protocol.Error{Code: protocol.Other, Message: "internal error"}
}

// answer appends the answer of an operation that has failed or has nothing but a result to tell.
func (c *conn) answer(m *protocol.Message, e *protocol.Error) protocol.ResultCode {
	switch m.Op {
	case protocol.OpBindRequest:
		c.out = protocol.AppendBindResponse(c.out, m.ID, e.Code, e.MatchedDN, e.Message, nil)
	case protocol.OpExtendedRequest:
		c.out = protocol.AppendExtendedResponse(c.out, m.ID, e.Code, e.Message, "", nil)
	default:
		c.out = protocol.AppendResult(c.out, m.ID, m.Op.Response(), e.Code, e.MatchedDN, e.Message, nil)
	}
	return e.Code
}

var success = &protocol.Error{Code: protocol.Success}

// bind is RFC 4511, 4.2. Nothing is outstanding: requests of a connection run one after the other.
func (c *conn) bind(ctx context.Context, m *protocol.Message) protocol.ResultCode {
	r := m.Bind
	c.bound = false
	switch {
	case r.Version != 2 && r.Version != 3:
		c.refuseBind(ctx, r, protocol.ProtocolError)
		return c.answer(m, &protocol.Error{Code: protocol.ProtocolError, Message: "only LDAP versions 2 and 3"})
	case r.SASL || r.OtherMethod:
		c.refuseBind(ctx, r, protocol.AuthMethodNotSupported)
		return c.answer(m, &protocol.Error{Code: protocol.AuthMethodNotSupported, Message: "only simple binds"})
	}
	c.version2 = r.Version == 2
	if err := c.session.Bind(ctx, r); err != nil {
		return c.answer(m, c.outcome(m.Op, err))
	}
	c.bound = len(r.Name) > 0
	if u, ok := c.session.(userSession); ok {
		c.bound = u.User() != "" // a name that passes for none, as a profile may let it, is no authentication
	}
	return c.answer(m, success)
}

// refuseBind makes the connection anonymous after a bind that the session is not asked for (RFC 4511, 4.2.1).
func (c *conn) refuseBind(ctx context.Context, r *protocol.BindRequest, code protocol.ResultCode) {
	if l, ok := c.session.(bindListener); ok {
		l.BindRefused(r, code)
	}
	c.reset(ctx)
}

// reset gives the connection a new, anonymous session.
func (c *conn) reset(ctx context.Context) {
	c.session.Close()
	c.session = c.options.Backend.NewSession(ctx, c.info)
	c.bound = false
}

func (c *conn) compare(ctx context.Context, m *protocol.Message) protocol.ResultCode {
	ok, err := c.session.Compare(ctx, m.Compare, m.Controls)
	switch {
	case err != nil:
		return c.answer(m, c.outcome(m.Op, err))
	case ok:
		return c.answer(m, &protocol.Error{Code: protocol.CompareTrue})
	}
	return c.answer(m, &protocol.Error{Code: protocol.CompareFalse})
}

// extended is RFC 4511, 4.12.
func (c *conn) extended(ctx context.Context, m *protocol.Message) (protocol.ResultCode, error) {
	r := m.Extended
	switch {
	case c.version2:
		return c.answer(m, &protocol.Error{Code: protocol.ProtocolError, Message: "LDAPv2 has no extended operations"}), nil
	case string(r.OID) == protocol.OIDStartTLS:
		return c.beginTLS(m)
	case string(r.OID) == protocol.OIDCancel:
		id, err := protocol.DecodeCancel(r.Value)
		if err != nil {
			return c.answer(m, &protocol.Error{Code: protocol.ProtocolError, Message: "Cancel without a message id"}), nil
		}
		if id != 0 && c.watch.canceled == id {
			c.watch.canceled = 0
			return c.answer(m, success), nil
		}
		return c.answer(m, &protocol.Error{Code: protocol.NoSuchOperation}), nil
	}
	oid, value, err := c.session.Extended(ctx, r)
	if err != nil {
		return c.answer(m, c.outcome(m.Op, err)), nil
	}
	c.out = protocol.AppendExtendedResponse(c.out, m.ID, protocol.Success, "", oid, value)
	return protocol.Success, nil
}

// search is RFC 4511, 4.5.
func (c *conn) search(ctx context.Context, m *protocol.Message) (protocol.ResultCode, int, error) {
	w := &c.writer
	w.begin(m.ID, m.Search.TimeLimit)
	if c.from < c.to {
		switch c.verdictAhead(m.ID) {
		case errAbandoned:
			return protocol.Canceled, 0, nil
		case errCanceled:
			c.watch.canceled = m.ID
			return c.answer(m, errCanceled), 0, nil
		}
	}
	if refused := c.admissible(m); refused != nil {
		return c.answer(m, refused), 0, nil
	}
	err := c.session.Search(ctx, m.Search, m.Controls, w)
	w.leave()
	if c.watch.running {
		c.watch.stop(c)
	}
	switch {
	case w.err == errAbandoned:
		c.out = c.out[:w.mark]
		return protocol.Canceled, w.entries, nil // no answer to an abandoned search: RFC 4511, 4.11
	case w.err == errClosed:
		return protocol.Canceled, w.entries, errEnd
	case w.err != nil && !isOutcome(w.err):
		return protocol.Other, w.entries, w.err // the connection is broken
	case w.err != nil:
		err = w.err // whatever the backend made of it
	}
	return c.done(err), w.entries, nil
}

// done appends what ends the answer to the search in progress.
func (c *conn) done(err error) protocol.ResultCode {
	e, w := success, &c.writer
	if err != nil {
		e = c.outcome(protocol.OpSearchRequest, err)
	}
	c.out = protocol.AppendResult(c.out, w.id, protocol.OpSearchResultDone, e.Code, e.MatchedDN, e.Message, w.controls)
	return e.Code
}

func isOutcome(err error) bool {
	_, ok := err.(*protocol.Error)
	return ok
}
