// Session serves /v1/session: signing up, in and out.
package main

import (
	"context"
	"time"
	_ "time/tzdata" // time zones are checked and the runtime has none

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/apifn"
	"github.com/herald-publishing/herald/internal/boot/httpfn"
	"github.com/herald-publishing/herald/internal/identity"
	"github.com/herald-publishing/herald/internal/tenant"
)

func main() {
	b := boot.Start(context.Background(), "TENANTS_TABLE", "POOL_ID", "POOL_CLIENT_ID", "SIGNUP_CONFIRMATION")
	s := b.Store()
	tenants := &tenant.Service{
		Identity: identity.Cognito{Client: cognitoidentityprovider.NewFromConfig(b.AWS), PoolID: b.Env.PoolID, ClientID: b.Env.PoolClientID},
		Store:    s, Confirmation: b.Env.SignUpConfirmation != "off", Now: time.Now,
	}
	httpfn.Start(api.New(apifn.Config(b, s), api.Sessions{Tenants: tenants}))
}
