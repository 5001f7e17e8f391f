package rest

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// CheckURL says what is wrong with a platform's address from the configuration; what names it in the error. Credentials
// are sent there, so it is https anywhere and http on this machine only.
func CheckURL(what, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("the %s must be a plain address", what)
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || (ip != nil && ip.IsLoopback())
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return fmt.Errorf("the %s must begin with https://", what)
	}
	return nil
}
