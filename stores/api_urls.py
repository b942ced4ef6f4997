"""Addresses of the store API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from stores import api, api_approvals, api_devices, api_groups, api_invitations, api_staff

urlpatterns = [
    path("stores", api.StoreList.as_view(), name="api_store_list"),
    path("stores/<id:pk>", api.StoreDetail.as_view(), name="api_store_detail"),
    path("store-groups", api_groups.GroupsView.as_view(), name="api_store_groups"),
    path("store-groups/<id:pk>", api_groups.GroupView.as_view(), name="api_store_group"),
    path("staff", api_staff.StaffView.as_view(), name="api_staff"),
    path("staff/<id:pk>", api_staff.StaffMemberView.as_view(), name="api_staff_member"),
    path("staff/invitations", api_invitations.InvitationsView.as_view(), name="api_invitations"),
    path(
        "staff/invitations/read",
        api_invitations.InvitationReadView.as_view(),
        name="api_invitation_read",
    ),
    path(
        "staff/invitations/accept",
        api_invitations.InvitationAcceptView.as_view(),
        name="api_invitation_accept",
    ),
    path(
        "staff/invitations/decline",
        api_invitations.InvitationDeclineView.as_view(),
        name="api_invitation_decline",
    ),
    path(
        "staff/invitations/<id:pk>/resend",
        api_invitations.InvitationAgainView.as_view(),
        name="api_invitation_resend",
    ),
    path(
        "staff/invitations/<id:pk>/link",
        api_invitations.InvitationLinkView.as_view(),
        name="api_invitation_link",
    ),
    path(
        "staff/invitations/<id:pk>/revoke",
        api_invitations.InvitationRevokeView.as_view(),
        name="api_invitation_revoke",
    ),
    path("approvals", api_approvals.ApprovalsView.as_view(), name="api_approvals"),
    path(
        "approvals/<id:pk>/agree",
        api_approvals.ApprovalAgreeView.as_view(),
        name="api_approval_agree",
    ),
    path(
        "approvals/<id:pk>/withdraw",
        api_approvals.ApprovalWithdrawView.as_view(),
        name="api_approval_withdraw",
    ),
    path(
        "approvals/<id:pk>/reject",
        api_approvals.ApprovalRejectView.as_view(),
        name="api_approval_reject",
    ),
    path("devices", api_devices.DevicesView.as_view(), name="api_devices"),
    path("device-codes", api_devices.DeviceCodesView.as_view(), name="api_device_codes"),
    path("devices/<id:pk>/code", api_devices.DeviceCodeView.as_view(), name="api_device_code"),
    path(
        "devices/<id:pk>/revoke", api_devices.DeviceRevokeView.as_view(), name="api_device_revoke"
    ),
]
