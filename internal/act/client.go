package act

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Client asks the act function.
type Client struct {
	Lambda   *lambda.Client
	Function string
}

// Do invokes the function and waits for its answer. What the function could not do comes as its problem.Error.
func (c Client) Do(ctx context.Context, r Request) (Response, error) {
	payload, err := json.Marshal(r)
	if err != nil {
		return Response{}, fmt.Errorf("act: encode: %w", err)
	}
	answer, err := c.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &c.Function, Payload: payload})
	if err != nil {
		return Response{}, fmt.Errorf("act: invoke: %w", err)
	}
	if answer.FunctionError != nil {
		return Response{}, errors.New("act: the function failed")
	}
	var out Response
	if err := json.Unmarshal(answer.Payload, &out); err != nil {
		return Response{}, fmt.Errorf("act: decode: %w", err)
	}
	return out, out.Problem.Err()
}
