package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/offer"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Offer is what one account takes.
type Offer struct {
	Posts   []connector.PostKind `json:"posts" nullable:"false" doc:"The kinds of post that the account takes, each as this account takes it. What is missing cannot be posted."`
	Notices []connector.Notice   `json:"notices" nullable:"false" doc:"What to tell whoever composes."`
	AsOf    *time.Time           `json:"as_of,omitempty" doc:"When the platform said so; absent = it was not asked within a day, or has nothing to say about single accounts, so this is what every account of the kind takes."`
}

type (
	refreshOfferInput struct {
		Idempotent
		ConnectionParam
	}
	offerOutput struct{ Body Offer }
)

func (r Connections) mountOffers(s *surface) {
	route(s, huma.Operation{
		OperationID: "getOffer", Method: http.MethodGet, Path: "/v1/connections/{connection_id}/offer",
		Tags: []string{tagConnections}, Summary: "What an account takes",
		Description: "What a post to the account is checked against. Accounts of one kind differ on some platforms: in who may see a post, how long a video may be, which lists there are. See offers in listPlatforms.",
	}, tenant.Read, r.offer)
	route(s, huma.Operation{
		OperationID: "refreshOffer", Method: http.MethodPost, Path: "/v1/connections/{connection_id}/offer/refresh",
		Tags: []string{tagConnections}, Summary: "Ask the platform what an account takes at the moment",
		Description: "To be called when somebody begins to compose. What the platform says is kept, and believed for a day; a stop keeps posts that would go out at once from being accepted for 15 minutes. Where the platform has nothing to say about single accounts it is not asked.",
	}, tenant.Read, r.refreshOffer)
}

func (r Connections) offer(ctx context.Context, in *ConnectionParam) (*offerOutput, error) {
	account, err := r.offerAccount(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	kept, err := r.Offers.Of(ctx, account)
	return offerFrom(kept), err
}

func (r Connections) refreshOffer(ctx context.Context, in *refreshOfferInput) (*offerOutput, error) {
	account, err := r.offerAccount(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	kept, err := r.Offers.Refresh(ctx, account, sessionOf(ctx).MemberID)
	return offerFrom(kept), err
}

func (r Connections) offerAccount(ctx context.Context, id string) (offer.Account, error) {
	c, err := r.Connections.Get(ctx, sessionOf(ctx).TenantID, id)
	return offer.Account{TenantID: c.TenantID, ID: c.ID, Platform: c.Platform, Kind: c.Kind}, err
}

func offerFrom(k offer.Kept) *offerOutput {
	return &offerOutput{Body: Offer{Posts: filled(k.Posts), Notices: filled(k.Notices), AsOf: maybe(k.At)}}
}
