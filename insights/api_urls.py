"""Addresses of figures in the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from insights import api, api_results

urlpatterns = [
    path("codes/<id:pk>/figures", api.CodeFiguresView.as_view(), name="api_code_figures"),
    path("funnel", api.FunnelView.as_view(), name="api_funnel"),
    path("results", api_results.ResultsView.as_view(), name="api_results"),
    path("results/orders", api_results.ResultOrdersView.as_view(), name="api_result_orders"),
    path("channel-plans", api_results.PlansView.as_view(), name="api_channel_plans"),
    path("channel-plans/<id:pk>", api_results.PlanView.as_view(), name="api_channel_plan"),
    path(
        "campaigns/<id:pk>/codes",
        api_results.CampaignCodesView.as_view(),
        name="api_campaign_codes",
    ),
]
