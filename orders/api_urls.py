from __future__ import annotations

from django.urls import path

from orders import api, api_quotes, api_trial

urlpatterns = [
    path("quotes", api_quotes.QuoteCollection.as_view(), name="api_quotes"),
    path("orders", api.OrderCollection.as_view(), name="api_orders"),
    path("orders/<number:number>", api.OrderDetail.as_view(), name="api_order"),
    path("orders/<number:number>/cancel", api.OrderCancel.as_view(), name="api_order_cancel"),
    path("orders/<number:number>/payments", api.OrderPayments.as_view(), name="api_order_payments"),
    path(
        "business/campaigns/<id:pk>/trials",
        api_trial.CampaignTrial.as_view(),
        name="api_campaign_trials",
    ),
    path("business/campaigns/trials", api_trial.DraftTrial.as_view(), name="api_draft_trials"),
]
