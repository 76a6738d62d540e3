package directory

import (
	"context"
	"errors"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// BindRecord is one bind, for an audit.
type BindRecord struct {
	Method string // one of the constants below; "sasl NAME" for a mechanism with a name by RFC 4422, 3.1
	User   string // as configured; "" where nobody has the name, which is not told: people type passwords there
	Named  bool   // a name came, or something that is no bind at all
	Conn   ldapserver.ConnInfo
	Code   protocol.ResultCode
}

// Methods of a BindRecord.
const (
	BindAnonymous       = "anonymous"       // neither name nor password
	BindUnauthenticated = "unauthenticated" // a name without a password
	BindSimple          = "simple"
	BindSASL            = "sasl"
	BindOther           = "other" // an unknown method, or malformed
)

// methodOf names the way of a bind; nil is a malformed one.
func methodOf(r *protocol.BindRequest) string {
	switch {
	case r == nil || r.OtherMethod:
		return BindOther
	case r.SASL:
		if isMechanism(r.Mechanism) {
			return BindSASL + " " + string(r.Mechanism)
		}
		return BindSASL
	case len(r.Simple) > 0:
		return BindSimple
	case len(r.Name) > 0:
		return BindUnauthenticated
	}
	return BindAnonymous
}

// isMechanism says whether a mechanism's name is one: what else stands there is not for a log.
func isMechanism(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 20
}

// BindRefused tells of a bind that the server refused by itself.
func (s *Session) BindRefused(r *protocol.BindRequest, code protocol.ResultCode) {
	s.refresh()
	s.audit(r, code)
}

// audit tells of a bind and its outcome.
func (s *Session) audit(r *protocol.BindRequest, code protocol.ResultCode) {
	if s.dir.options.Binds == nil {
		return
	}
	record := BindRecord{Method: methodOf(r), Named: r == nil || len(r.Name) > 0, Conn: s.info, Code: code}
	if r != nil && len(r.Name) > 0 {
		if u := s.access.users.find(r.Name); u != nil {
			record.User = u.name
		}
	}
	s.dir.options.Binds(record)
}

// Bind authenticates the connection (RFC 4511, 4.2; RFC 4513, 5.1). A failed bind leaves it anonymous.
func (s *Session) Bind(ctx context.Context, r *protocol.BindRequest) error {
	s.refresh()
	s.become(nil)
	if len(r.Name) == 0 && len(r.Simple) == 0 {
		s.audit(r, protocol.Success)
		return nil // anonymous, RFC 4513, 5.1.1; what it may read is decided at each request
	}
	err := s.bind(ctx, r)
	code := protocol.Success
	var outcome *protocol.Error
	if errors.As(err, &outcome) {
		code = outcome.Code
	} else if err != nil {
		code = protocol.Other
	}
	s.audit(r, code)
	return err
}

func (s *Session) bind(ctx context.Context, r *protocol.BindRequest) error {
	switch {
	case len(r.Simple) == 0 && s.connected != nil && s.connected.profile.EmptyPassword:
		return nil // anonymous: the profile says that these telephones can't be told to leave the name out
	case len(r.Simple) == 0:
		if u := s.access.users.find(r.Name); u != nil && u.empty && u.from(s.info.Remote.Addr()) {
			s.become(u)
			return nil
		}
		// RFC 4513, 5.1.2: a name without a password must not pass for an authentication.
		return &protocol.Error{Code: protocol.UnwillingToPerform, Message: "a bind with a name needs a password"}
	case len(r.Name) == 0:
		return &protocol.Error{Code: protocol.InvalidCredentials}
	}
	u, err := s.access.users.verify(ctx, s.info.Remote.Addr(), r.Name, r.Simple)
	if err != nil {
		return err
	}
	if u == nil {
		return &protocol.Error{Code: protocol.InvalidCredentials}
	}
	s.become(u)
	return nil
}

// become makes the session a user's; nil is anonymous.
func (s *Session) become(u *user) {
	s.user, s.assigned, s.rights = u, s.connected, s.access.guests
	if u != nil {
		s.rights = u.rights
	}
	s.compiler.rights = s.rights
	if u == nil {
		return
	}
	if u.view != nil {
		s.assigned = u.view
	}
}

// refresh goes over to the latest access, at the beginning of every request.
func (s *Session) refresh() {
	a := s.dir.access.Load()
	if a == s.access {
		return
	}
	s.access, s.anonymousOK = a, a.anonymous.allows(s.info.Remote.Addr())
	u := s.user
	if u != nil {
		if now := a.users.byName[u.key]; now != nil && now.text == u.text && now.from(s.info.Remote.Addr()) && (u.hash != nil || now.empty) {
			u = now
		} else {
			u = nil
		}
	}
	s.become(u)
}

// User is the name that the connection is bound as, "" for anonymous.
func (s *Session) User() string {
	if s.user == nil {
		return ""
	}
	return s.user.name
}

// mayRead says whether the connection may see entries.
func (s *Session) mayRead() bool { return s.user != nil || s.anonymousOK }

// errNoAccess is what an anonymous client is told where reading needs a bind.
var errNoAccess = &protocol.Error{Code: protocol.InsufficientAccessRights, Message: "reading needs a bind from this network"}

// whoAmI is RFC 4532, 2: the authorization identity, empty for anonymous.
func (s *Session) whoAmI() []byte {
	if s.user == nil {
		return []byte{}
	}
	if _, err := protocol.ParseDN(s.user.name); err == nil {
		return []byte("dn:" + s.user.name)
	}
	return []byte("u:" + s.user.name)
}
